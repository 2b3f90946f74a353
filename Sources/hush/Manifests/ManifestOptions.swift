import ArgumentParser
import ScopeManifests
import SecretScopes
import Workspace

/// Which manifests a command works with, and on what.
struct ManifestOptions: ParsableArguments {
    @Argument(help: "Folders with manifests, and single manifests.", completion: .file())
    var paths: [String]

    @Flag(
        help: """
            Also take away what the manifests leave out, of the ACLs and the secrets of native scopes that they describe.
            """)
    var prune = false

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    /// The workspace that the options name.
    ///
    /// - Parameter apply: The id of the apply that everything belongs to, for the audit record.
    func target(in program: Program, apply: String? = nil) async throws -> ManifestTarget {
        try await WorkspaceAccess(program, workspace, server).manifestTarget(apply: apply)
    }

    /// What the manifests ask for.
    func manifest() throws -> Manifest {
        try Manifest.load(from: paths)
    }

    /// Compares manifests with a workspace.
    ///
    /// - Parameter asksAgain: Whether values of `prompt` are asked for also where there are some.
    /// - Returns: What has to be done.
    func plan(
        _ manifest: Manifest, in program: Program, for target: ManifestTarget, asksAgain: Bool = false
    ) async throws -> ManifestPlan {
        let progress = ProgressLine(on: program.errors)
        if manifest.scopes.count > 100 { progress.show("Comparing \(manifest.scopes.count) scopes...") }
        defer { progress.clear() }
        return try await ManifestPlan(
            for: manifest, in: target.services, values: ValueReader(pool: program.pool, asksAgain: asksAgain),
            prunes: prune,
            canonicalAddress: { link throws(ManifestProblem) in try Self.address(of: link) })
    }

    /// The form in which a link's address is stored.
    private static func address(of link: LinkManifest) throws(ManifestProblem) -> String {
        do {
            return try LinkSettings.storedAddress(
                of: link.address.value, options: link.options, credential: link.credential)
        } catch {
            throw ManifestProblem(error.message, at: link.address.position)
        }
    }
}
