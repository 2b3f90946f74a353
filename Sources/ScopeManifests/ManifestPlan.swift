internal import SecretMemory
public import SecretScopes

/// What plans are made and carried out with.
public typealias ManifestServices = SecretService & ScopeSettingsService & IdentityService & LinkService

/// What has to be done so that a workspace holds what manifests ask for. Nothing that the manifests do not name is
/// touched.
public struct ManifestPlan: Sendable {
    /// One step.
    public struct Change: Sendable {
        /// What is done.
        public enum Action: Sendable, Hashable {
            /// A user, a group or a service principal is created.
            case createPrincipal(kind: PrincipalKind, name: String)
            /// A principal becomes a member of a group.
            case addMember(member: String, group: String)
            /// A scope is created.
            case createScope(String)
            /// A scope is linked to an external vault, and created if there is none; `previous` is the link that it had.
            case linkScope(LinkScopeRequest, previous: ScopeLinkDescription?)
            /// The least redaction of a scope's values is set; `previous` is what it was.
            case setRedaction(scope: String, level: MinimumRedaction, previous: MinimumRedaction)
            /// A principal is granted a permission; `previous` is what it had.
            case grant(scope: String, principal: String, permission: Permission, previous: Permission?)
            /// A value is put; `replaces` tells whether there is another one.
            case putSecret(scope: String, key: String, source: ValueSource, replaces: Bool)
        }

        /// What is done.
        public let action: Action
        /// Where the manifest asks for it.
        public let position: SourcePosition
        /// Who is meant, for the actions that name a principal which may not exist yet.
        let principal: PrincipalDirectory.Reference?
        /// What is put.
        var value: SecretBytes?
        /// The secret whose value somebody has to type, when that is the value.
        let asked: SecretPlace?

        init(
            _ action: Action,
            at position: SourcePosition,
            principal: PrincipalDirectory.Reference? = nil,
            value: WantedValue? = nil
        ) {
            self.action = action
            self.position = position
            self.principal = principal
            switch value {
            case .known(let bytes)?: (self.value, asked) = (bytes, nil)
            case .asked(let place)?: (self.value, asked) = (nil, place)
            case nil: (self.value, asked) = (nil, nil)
            }
        }
    }

    /// The steps, in the order in which they can be done.
    public internal(set) var changes: [Change] = []

    /// Compares `manifest` with a workspace.
    ///
    /// Values that are there already are read for the comparison, which the audit record shows like any other read,
    /// and compared in constant time.
    ///
    /// - Parameter canonicalAddress: The form in which a link's address is stored.
    /// - Throws: ``ManifestError`` when a principal is unknown or a value cannot be had; ``SecretScopes/ScopeError``
    ///   when the workspace refuses or fails to tell its state.
    public init(
        for manifest: Manifest,
        in services: any ManifestServices,
        values: ValueReader,
        canonicalAddress: @escaping (LinkManifest) throws(ManifestProblem) -> String
    ) async throws {
        var planner = ManifestPlanner(services: services, values: values, canonicalAddress: canonicalAddress)
        changes = try await planner.plan(manifest)
    }
}
