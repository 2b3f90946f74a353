import ArgumentParser
import DatabricksAPI
import Glibc
import SecretCrypto
import SecretScopes

/// `hush audit checkpoint`.
struct CheckpointCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Sign where the audit record ends now.",
        discussion: """
            Keep checkpoints where whoever can write to the workspace cannot: they show later that the record was not \
            cut or rebuilt before them. Anybody can check one with its public key.

            EXAMPLE:
              hush audit checkpoint --out /media/stick/checkpoint-2026-08-22
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write it to this new file instead of standard output.", valueName: "path"),
        completion: .file()
    )
    var out: String?

    @OptionGroup var options: AuditOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let access = WorkspaceAccess(program, options.workspace, server)
        let create: @Sendable () async throws -> AuditCheckpoint
        if let client = try await access.remote() {
            create = { try await client.createCheckpoint() }
        } else {
            let services = try await access.services()
            create = { try await services.createCheckpoint() }
        }
        // The file first: a checkpoint that cannot be kept should not stand in the record.
        let file = try out.map { try CheckpointFile(path: $0).create() }
        defer { if let file { close(file.descriptor) } }
        let checkpoint: AuditCheckpoint
        do {
            checkpoint = try await create()
        } catch {
            if let out { unlink(out) }
            throw error
        }
        try (file ?? program.output).write(text(of: checkpoint))
    }

    private func text(of checkpoint: AuditCheckpoint) -> String {
        switch options.format.output {
        case .text: checkpoint.text
        case .json:
            JSON.object([
                ("workspace", .text(checkpoint.workspace.description)),
                ("events", .integer(checkpoint.events)),
                ("hash", .text(Hexadecimal.encode(checkpoint.hash))),
                ("time", .integer(checkpoint.time.rawValue)),
                ("key", .text(Hexadecimal.encode(checkpoint.publicKey))),
                ("signature", .text(Hexadecimal.encode(checkpoint.signature))),
                ("text", .text(checkpoint.text)),
            ]).indented
        }
    }
}

/// A file that a checkpoint is kept in.
struct CheckpointFile {
    private static let longestFile = 4096

    let path: String

    /// Reads and checks it as far as that goes without the workspace.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read, is none, or its signature is wrong.
    func read() throws -> AuditCheckpoint {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be read (\(String(cString: strerror(errno)))).") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.longestFile)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("cannot be read (\(String(cString: strerror(errno)))).") }
        guard let checkpoint = AuditCheckpoint(text: String(decoding: bytes[..<count], as: UTF8.self)) else {
            throw failure("is not a checkpoint. Name a file that `hush audit checkpoint` wrote.")
        }
        guard checkpoint.hasValidSignature else {
            throw failure("was altered: its signature is wrong. Use another copy.")
        }
        return checkpoint
    }

    /// Makes it, empty.
    ///
    /// - Throws: ``CommandFailure`` when it is there already or cannot be made.
    func create() throws -> TextOutput {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw failure("cannot be made (\(String(cString: strerror(errno)))). Choose another name.")
        }
        return TextOutput(descriptor: descriptor, diesOfBrokenPipe: false)
    }

    private func failure(_ reason: String) -> CommandFailure {
        CommandFailure("The checkpoint file \(path) \(reason)")
    }
}
