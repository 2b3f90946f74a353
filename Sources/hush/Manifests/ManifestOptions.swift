import ArgumentParser
import ScopeManifests
import SecretScopes
import Workspace

/// Which manifests a command works with, and on what.
struct ManifestOptions: ParsableArguments {
    @Argument(help: "Folders with manifests, and single manifests.", completion: .file())
    var paths: [String]

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    /// Compares the manifests with the workspace.
    ///
    /// - Parameter asksAgain: Whether values of `prompt` are asked for also where there are some.
    /// - Returns: What has to be done, and the services to do it with.
    func plan(in program: Program, asksAgain: Bool = false) async throws -> (
        plan: ManifestPlan, services: any ManifestServices
    ) {
        // The manifests first: what is wrong in them shows without a passphrase or a server.
        let manifest = try Manifest.load(from: paths)
        let services = try await WorkspaceAccess(program, workspace, server).manifestServices()
        let plan = try await ManifestPlan(
            for: manifest, in: services, values: ValueReader(pool: program.pool, asksAgain: asksAgain),
            canonicalAddress: { link throws(ManifestProblem) in try Self.address(of: link) })
        return (plan, services)
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
