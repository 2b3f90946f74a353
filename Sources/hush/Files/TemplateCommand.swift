import ArgumentParser
import Glibc
import Runs
import SecretMemory
import SecretScopes

/// `hush template`.
struct TemplateCommand: ProgramCommand {
    private static let largestFile = 1024 * 1024

    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Fill the references in a configuration file.",
        discussion: """
            Every {{secrets/SCOPE/KEY}} becomes the value, byte for byte: quotes and escapes are up to the file. Each \
            secret is read once, and recorded with the reason "template". When one of them cannot be read, nothing is \
            written.

            EXAMPLE:
              hush template app.conf.in --out /run/app/app.conf
            """
    )

    @Argument(help: ArgumentHelp("The file with the references.", valueName: "file"), completion: .file())
    var path: String

    @OptionGroup var file: NewFileOptions
    @OptionGroup var acting: PrincipalOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let target = try file.target()
        let template = try SecretTemplate(contents(in: program.pool), file: path)
        let secrets = try await WorkspaceAccess(program, workspace, server)
            .secrets(as: acting.principal, reason: "template")
        let filled = try await template.fill(with: SecretReferenceResolver(secrets: secrets), in: program.pool)
        guard let target else { return try program.output.write(filled) }
        try filled.withBytes { bytes in try bytes.withUnsafeBytes { try target.write($0) } }
    }

    private func contents(in pool: SecretPool) throws -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw unreadable(errno) }
        defer { close(descriptor) }
        var contents = SecretBuffer(in: pool)
        let isComplete: Bool
        do throws(SystemCallError) {
            isComplete = try contents.appendAll(from: descriptor, limit: Self.largestFile)
        } catch {
            throw unreadable(error.number)
        }
        guard isComplete else {
            throw CommandFailure("The file \(path) is larger than \(Self.largestFile) bytes.")
        }
        return contents.finish()
    }

    private func unreadable(_ number: Int32) -> CommandFailure {
        CommandFailure("The file \(path) cannot be read (\(String(cString: strerror(number)))).")
    }
}
