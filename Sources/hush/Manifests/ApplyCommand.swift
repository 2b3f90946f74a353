import ArgumentParser
import Glibc
import ScopeManifests
import SecretMemory
import SecretScopes
import Workspace

/// `hush apply`.
struct ApplyCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Bring the workspace to what manifests describe.",
        discussion: """
            Manifests are the *.yaml files of a folder. They name users, groups, service principals and scopes with \
            permissions and secrets; values stay outside, in a variable (env:NAME) or a file (file:PATH). What is \
            missing is created and what differs is changed; what no manifest names is left alone. Applying again \
            changes nothing. On a terminal you are asked first.

            EXAMPLE:
              hush apply scopes/demo
            """
    )

    @Argument(help: "The folder with the manifests, or one manifest.", completion: .file())
    var path: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run(in program: Program) async throws {
        let manifest = try Manifest.load(from: path)
        let services = try await WorkspaceAccess(program, workspace).services()
        let plan = try await ManifestPlan(
            for: manifest, in: services, values: ValueReader(pool: program.pool),
            canonicalAddress: { link throws(ManifestProblem) in try Self.address(of: link) })
        if !plan.changes.isEmpty, try !isConfirmed(plan, in: program) {
            throw CommandFailure("Nothing was changed.")
        }
        let isText = format.output == .text
        try await plan.apply(to: services, pool: program.pool) { change in
            if isText { try program.output.write(change.description + "\n") }
        }
        switch format.output {
        case .text where plan.changes.isEmpty:
            try program.output.write("Nothing to do.\n")
        case .text:
            try program.output.write("Made \(Self.count(plan.changes.count)).\n")
        case .json:
            try program.output.write(JSON.array(plan.changes.map { json(of: $0) }).indented)
        }
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

    /// Shows the plan and asks, when somebody is there to answer.
    private func isConfirmed(_ plan: ManifestPlan, in program: Program) throws -> Bool {
        guard !yes, let input = program.input, isatty(input) == 1 else { return true }
        let lines = plan.changes.map { $0.description + "\n" }.joined()
        try program.errors.write("\(lines)Make \(Self.count(plan.changes.count))? [y/N] ")
        guard let answer = try SecretLine.read(from: input, limit: 16, in: program.pool) else { return false }
        let text = answer.withBytes { bytes in
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        return ["y", "yes"].contains(text.lowercased())
    }

    private static func count(_ number: Int) -> String {
        number == 1 ? "1 change" : "\(number) changes"
    }

    private func json(of change: ManifestPlan.Change) -> JSON {
        var members: [(name: String, value: JSON)]
        switch change.action {
        case .createPrincipal(let kind, let name):
            members = [("action", .text("create_principal")), ("kind", .text(kind.description)), ("name", .text(name))]
        case .addMember(let member, let group):
            members = [("action", .text("add_member")), ("member", .text(member)), ("group", .text(group))]
        case .createScope(let scope):
            members = [("action", .text("create_scope")), ("scope", .text(scope))]
        case .linkScope(let link, let previous):
            let options = link.options.sorted { $0.key < $1.key }.map { ($0.key, JSON.text($0.value)) }
            members = [
                ("action", .text("link_scope")), ("scope", .text(link.scope)), ("address", .text(link.address)),
                ("options", .object(options)), ("credential", .optional(link.credential)),
                ("previous", .optional(previous)),
            ]
        case .setRedaction(let scope, let level, let previous):
            members = [
                ("action", .text("set_redaction")), ("scope", .text(scope)), ("redaction", .text(level.description)),
                ("previous", .text(previous.description)),
            ]
        case .grant(let scope, let principal, let permission, let previous):
            members = [
                ("action", .text("put_acl")), ("scope", .text(scope)), ("principal", .text(principal)),
                ("permission", .text(permission.description)), ("previous", .optional(previous?.description)),
            ]
        case .putSecret(let scope, let key, let source, let replaces):
            members = [
                ("action", .text("put_secret")), ("scope", .text(scope)), ("key", .text(key)),
                ("source", .text(source.description)), ("replaces", .boolean(replaces)),
            ]
        }
        members.append(("position", .text(change.position.description)))
        return .object(members)
    }
}
