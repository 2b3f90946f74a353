internal import SecretMemory
public import SecretScopes

/// What plans are made and carried out with.
public typealias ManifestServices = SecretService & ScopeSettingsService & IdentityService & LinkService
    & WorkspaceChangeService & WorkspaceComparisonService

/// What has to be done so that a workspace holds what manifests ask for. Nothing that the manifests do not name is
/// touched, except that a plan that prunes takes away what they leave out of the ACLs and secrets that they describe.
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
            /// What a principal is granted is taken away.
            case revoke(scope: String, principal: String, previous: Permission)
            /// A secret is deleted.
            case deleteSecret(scope: String, key: String)
        }

        /// What is done.
        public let action: Action
        /// Where the manifest asks for it.
        public internal(set) var position: SourcePosition
        /// Who is meant, for the actions that name a principal which may not exist yet.
        let principal: PrincipalDirectory.Reference?
        /// The name by which ACLs and groups know the principal that is meant, when it exists.
        public var principalName: String? {
            guard case .known(let name)? = principal else { return nil }
            return name
        }
        /// What is put; `nil` in a plan that was saved, until it is read, and as long as it must be asked for.
        var value: SecretBytes?
        /// The secret whose value somebody has to type, when that is the value.
        var asked: SecretPlace?
        /// The version that a native secret has.
        let version: VersionID?
        /// Whether it is done by itself and not in the one transaction, because a vault takes part.
        let isApart: Bool
        /// Whether the scope that is created has an ACL of its own, to which who creates it does not belong.
        let hasOwnACL: Bool

        init(
            _ action: Action,
            at position: SourcePosition,
            principal: PrincipalDirectory.Reference? = nil,
            value: WantedValue? = nil,
            version: VersionID? = nil,
            isApart: Bool = false,
            hasOwnACL: Bool = false
        ) {
            self.action = action
            self.position = position
            self.principal = principal
            self.version = version
            self.isApart = isApart
            self.hasOwnACL = hasOwnACL
            want(value)
        }

        /// Notes what is put.
        mutating func want(_ value: WantedValue?) {
            switch value {
            case .known(let bytes)?: (self.value, asked) = (bytes, nil)
            case .asked(let place)?: (self.value, asked) = (nil, place)
            case nil: (self.value, asked) = (nil, nil)
            }
        }
    }

    /// The steps, in the order in which they can be done.
    public internal(set) var changes: [Change] = []

    /// A plan of changes that were found before.
    init(changes: [Change]) {
        self.changes = changes
    }

    /// Compares `manifest` with a workspace.
    ///
    /// The workspace compares the values that it holds itself. Those behind a link are read, which the audit record shows
    /// like any other read, and compared here in constant time.
    ///
    /// - Parameters:
    ///   - prunes: Whether what the manifests do not describe is taken away, within the ACLs and the secrets of native
    ///     scopes that they do describe.
    ///   - canonicalAddress: The form in which a link's address is stored.
    /// - Throws: ``ManifestError`` when a principal is unknown or a value cannot be had; ``SecretScopes/ScopeError``
    ///   when the workspace refuses or fails to tell its state.
    public init(
        for manifest: Manifest,
        in services: any ManifestServices,
        values: ValueReader,
        prunes: Bool = false,
        canonicalAddress: @escaping (LinkManifest) throws(ManifestProblem) -> String
    ) async throws {
        var planner = ManifestPlanner(
            services: services, values: values, prunes: prunes, canonicalAddress: canonicalAddress)
        changes = try await planner.plan(manifest)
    }
}
