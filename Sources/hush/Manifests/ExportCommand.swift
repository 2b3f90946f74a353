import ArgumentParser
import ScopeManifests

/// `hush export`.
struct ExportCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a manifest of what exists.",
        discussion: """
            Scopes with their redaction, links and permissions, and the principals: all of them, or with scopes named \
            those that these refer to. hush plan finds nothing to do for it. Of secrets it has only the names, as \
            comments; no value is read. It needs the permission MANAGE on each scope, and an administrator.

            EXAMPLE:
              hush export payments
              hush export --out scopes/everything.yaml
            """
    )

    @Argument(help: ArgumentHelp("The names of scopes; all when there are none.", valueName: "scope"))
    var scopes: [String] = []

    @OptionGroup var file: NewFileOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let target = try file.target()
        let services = try await WorkspaceAccess(program, workspace, server).manifestServices()
        var text = try await ManifestExport(of: scopes, from: services).text
        guard let target else { return try program.output.write(text) }
        try text.withUTF8 { try target.write(UnsafeRawBufferPointer($0)) }
    }
}
