import ArgumentParser

/// `hush run`.
struct RunCommand: ProgramCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a notebook.")

    func run(in program: Program) async throws {}
}
