import ArgumentParser
import Foundation

/// `hush-bench`: what the engine does, beside what the machine can do at best, in one run.
@main
struct BenchmarkProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hush-bench",
        abstract: "Measures Hush beside its ceilings, and makes large stores.",
        subcommands: [
            RunCommand.self, GenerateCommand.self, SaturateCommand.self, ReadCommand.self, BareCommand.self,
            ApplyCommand.self,
        ],
        defaultSubcommand: RunCommand.self
    )
}

/// `hush-bench run`: the whole table.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Measures everything and prints the table.")

    @Option(help: "The hush executable, a release build.")
    var hush: String

    @Option(help: "Where generated stores are kept for the next run.", completion: .directory)
    var cache: String

    @Option(help: "How large the stores are: \(BenchmarkSize.allCases.map(\.rawValue).joined(separator: " or ")).")
    var size = BenchmarkSize.full

    @Option(help: "Measure only the groups whose names are given: \(BenchmarkSuite.groupNames).")
    var only: [String] = []

    func validate() throws {
        let names = BenchmarkSuite.groups.map(\.name)
        if let unknown = only.first(where: { !names.contains($0) }) {
            throw ValidationError("There is no group \(unknown). There are \(BenchmarkSuite.groupNames).")
        }
    }

    func run() async throws {
        // Other programs are started in other folders.
        let stores = try StoreCache(folder: URL(fileURLWithPath: cache).path, size: size)
        try await BenchmarkSuite(size: size, hush: hush, stores: stores).run(only: only)
    }
}

/// `hush-bench generate`: one large store.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Makes a workspace with many secrets and events, through the services that callers use.",
        discussion: "FOLDER must not exist yet. The key file lies in it, as root.key."
    )

    @Option(help: "How many scopes.")
    var scopes = 10

    @Option(help: "How many secrets each scope has.")
    var secrets = 100

    @Option(help: "How many users read them.")
    var users = 20

    @Option(help: "How many events the audit record has at least in the end.")
    var events = 0

    @Argument(help: "The workspace's folder.", completion: .directory)
    var folder: String

    func run() async throws {
        try await StoreGenerator(scopes: scopes, secretsPerScope: secrets, users: users, events: events)
            .generate(in: folder)
    }
}

/// `hush-bench saturate`: what a busy server is to other processes.
struct SaturateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saturate",
        abstract: "Reads with 64 callers until standard input ends.",
        shouldDisplay: false
    )

    @Argument var folder: String

    func run() async throws {
        try await Saturation(folder: folder).run()
    }
}

/// `hush-bench read`: a process of its own, so that its memory is that of reading alone.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Reads secrets all over the store with 64 callers and prints the most memory that it took, in bytes.",
        shouldDisplay: false
    )

    @Option var reads: Int

    @Argument var folder: String

    func run() async throws {
        print(try await ResidentMemory.ofReading(reads, in: folder))
    }
}

/// `hush-bench apply`: a process of its own, as `hush apply` is.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Applies manifests and prints what that took.",
        shouldDisplay: false
    )

    @Flag var onlyPlan = false

    @Argument var folder: String

    @Argument var manifests: String

    func run() async throws {
        print(try await ApplyStep(in: folder, manifests: manifests, onlyPlans: onlyPlan).text)
    }
}

/// `hush-bench bare`: what the HTTP library does at best.
struct BareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bare",
        abstract: "Answers 200 bytes on a port of this machine until it is stopped.",
        shouldDisplay: false
    )

    @Argument var port: Int

    @Argument var file: String

    func run() async throws {
        try await BareServer.run(port: port, file: file)
    }
}
