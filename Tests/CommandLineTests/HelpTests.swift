import Foundation
import Testing

@testable import hush

/// The texts that `--help` shows, for every command there is.
@Suite struct HelpTests {
    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }

            var kind: String
            var names: [Name]?
            var abstract: String?
            var shouldDisplay: Bool
        }

        var commandName: String
        var abstract: String?
        var discussion: String?
        var arguments: [Argument]?
        var subcommands: [Command]?

        /// This command and all below it, with their names.
        var all: [(path: String, command: Command)] {
            [(commandName, self)]
                + (subcommands ?? []).filter { $0.commandName != "help" }.flatMap { command in
                    command.all.map { ("\(commandName) \($0.path)", $0.command) }
                }
        }
    }

    private struct Dump: Decodable {
        var command: Command
    }

    private func commands() throws -> [(path: String, command: Command)] {
        let home = try Home(isInitialized: false)
        let text = try home.succeed("--experimental-dump-help")
        return try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command.all
    }

    @Test func everyCommandHasAnAbstractAndAnExample() throws {
        let commands = try commands()
        #expect(commands.count > 30)
        for (path, command) in commands {
            #expect(command.abstract?.hasSuffix(".") == true, "\(path)")
            let lines = (command.discussion ?? "").split(separator: "\n").map(String.init)
            let example = lines.firstIndex(of: "EXAMPLE:").map { lines[($0 + 1)...].joined(separator: "\n") } ?? ""
            #expect(example.contains("hush \(path.split(separator: " ").dropFirst().first ?? "init")"), "\(path)")
            // The examples of a command call that command; those of a group call one of it.
            #expect(example.contains(path), "\(path): \(example)")
        }
    }

    @Test func everyArgumentIsDescribed() throws {
        for (path, command) in try commands() {
            for argument in command.arguments ?? [] where argument.shouldDisplay {
                #expect(
                    argument.abstract?.hasSuffix(".") == true || argument.abstract?.hasSuffix(")") == true, "\(path)")
            }
        }
    }

    @Test func everyCommandHasJSONOutput() throws {
        // What these print is what others wrote, or a log.
        let others = ["hush run", "hush exec", "hush redact", "hush serve", "hush export", "hush template"]
        for (path, command) in try commands() where command.subcommands == nil && !others.contains(path) {
            let names = (command.arguments ?? []).flatMap { $0.names ?? [] }.map(\.name)
            #expect(names.contains("output"), "\(path)")
        }
    }

    /// The program must know which options have a value before the parser does.
    @Test func everyOptionWithAValueIsKnown() throws {
        var options: Set<String> = []
        for (_, command) in try commands() {
            for argument in command.arguments ?? [] where argument.kind == "option" {
                for name in argument.names ?? [] { options.insert((name.kind == "short" ? "-" : "--") + name.name) }
            }
        }
        #expect(options == CommandLineArguments.valueOptions)
    }

    @Test func helpOfOneCommand() throws {
        let home = try Home(isInitialized: false)
        #expect(
            try home.succeed("secrets", "get-secret", "--help") == """
                OVERVIEW: Get a secret.

                Prints a JSON object with the value in base64, or with --raw the value itself.
                It needs the permission READ.

                EXAMPLE:
                  hush secrets get-secret payments api-key --raw
                  hush secrets get-secret payments api-key --version 3

                USAGE: hush secrets get-secret SCOPE KEY [--raw] [--version N] [flags]

                ARGUMENTS:
                  <scope> <key>           The name of the scope and that of the secret.

                OPTIONS:
                  --raw                   Print the bytes of the value and nothing else.
                  --version <n>           Get the value of this version instead of the current
                                          one.
                  -o, --output <output>   The form of the output. (values: text, json; default:
                                          text)
                  --as <principal>        Act as this user or service principal; the record
                                          shows both.
                  --key-file <path>       The file with the root key, if not root.key beside
                                          the store.
                  --passphrase-fd <n>     Read the passphrase, one line, from this open file
                                          descriptor.
                  --host <url>            Work on the server at this address, not on this
                                          machine's workspace.
                  --token <token>         The token for the server; better in HUSH_TOKEN, where
                                          the shell does not keep it.
                  --profile <name>        Take server and credential from this profile of
                                          ~/.databrickscfg.
                  -h, --help              Show help information.

                """)
    }

    @Test func groupsAndTheRootShowHelp() throws {
        let home = try Home(isInitialized: false)
        for arguments in [[], ["secrets"], ["users"], ["groups"], ["service-principals"], ["audit"]] {
            let alone = try home.process(arguments).run()
            #expect(alone.status == 0 && alone.errors.isEmpty && alone.output.hasPrefix("OVERVIEW: "))
            #expect(try home.process(arguments + ["--help"]).run() == alone)
            #expect(try home.process(["help"] + arguments).run() == alone)
        }
    }

    @Test func versionIsTheOneConstant() throws {
        let home = try Home(isInitialized: false)
        #expect(try home.succeed("--version") == "\(Product.version)\n")
        #expect(Product.version == "0.1.0")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func shellCompletionIsOffered(shell: String) throws {
        let home = try Home(isInitialized: false)
        let script = try home.succeed("--generate-completion-script", shell)
        #expect(script.contains("put-secret") && script.contains("who-read"))
    }

    @Test(arguments: [
        (["frobnicate"], "Error: Unexpected argument 'frobnicate'"), (["--frob"], "Error: Unknown option '--frob'"),
        (["users", "create"], "Error: Missing expected argument '<user>'"),
        (["users", "list", "extra"], "Error: Unexpected argument 'extra'"),
        (["users", "list", "-x"], "Error: unknown shorthand flag: 'x' in -x"),
        (["status", "-o", "xml"], "Error: The value 'xml' is invalid for '-o <output>'."),
        (["apply"], "Error: Missing expected argument '<paths> ...'"),
        (
            ["init", "--key-file", "k", "--passphrase"],
            "Error: A workspace is unlocked by a key file or by a passphrase."
        ),
    ])
    func wrongUsageExitsWith64(arguments: [String], message: String) throws {
        let home = try Home(isInitialized: false)
        let outcome = try home.process(arguments).run()
        #expect(outcome.status == 64 && outcome.output.isEmpty && outcome.errors.hasPrefix(message), "\(outcome)")
    }
}
