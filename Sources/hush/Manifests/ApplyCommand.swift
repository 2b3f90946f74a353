import ArgumentParser
import Glibc
import ScopeManifests
import SecretMemory

/// `hush apply`.
struct ApplyCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Bring the workspace to what manifests describe.",
        discussion: """
            Manifests are the *.yaml files of a folder. They name users, groups, service principals and scopes with \
            permissions and secrets; values stay outside: they come from a variable (env:NAME), a file \
            (file:PATH) or another secret (scope:SCOPE/KEY), are typed once at the terminal (prompt), or made at random \
            once (generate:LENGTH). What is missing is created and what differs is changed; what no manifest names is \
            left alone. Applying again changes nothing. On a terminal you are asked first; hush plan only shows the changes.

            EXAMPLE:
              hush apply scopes/demo
            """
    )

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Ask for the values of prompt again, also where there are some.")
    var askAgain = false

    @OptionGroup var options: ManifestOptions

    func run(in program: Program) async throws {
        var (plan, services) = try await options.plan(in: program, asksAgain: askAgain)
        if !plan.changes.isEmpty, try !isConfirmed(plan, in: program) {
            throw CommandFailure("Nothing was changed.")
        }
        try plan.askForValues { scope, key in
            switch try ControllingTerminal.ask("Value of \(scope)/\(key)", in: program) {
            case .line(let value): value
            case .nothing: throw CommandFailure("Nothing was entered for \(scope)/\(key). Nothing was changed.")
            case .noTerminal: nil
            }
        }
        let isText = options.format.output == .text
        try await plan.apply(to: services, pool: program.pool) { change in
            if isText { try program.output.write(change.line) }
        }
        switch options.format.output {
        case .text where plan.changes.isEmpty:
            try program.output.write("Nothing to do.\n")
        case .text:
            try program.output.write("Made \(plan.count).\n")
        case .json:
            try program.output.write(JSON.array(plan.changes.map(\.document)).indented)
        }
    }

    /// Shows the plan and asks, when somebody is there to answer.
    private func isConfirmed(_ plan: ManifestPlan, in program: Program) throws -> Bool {
        guard !yes, let input = program.input, isatty(input) == 1 else { return true }
        let lines = plan.changes.map(\.line).joined()
        try program.errors.write("\(lines)Make \(plan.count)? [y/N] ")
        guard let answer = try SecretLine.read(from: input, limit: 16, in: program.pool) else { return false }
        let text = answer.withBytes { bytes in
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        return ["y", "yes"].contains(text.lowercased())
    }
}
