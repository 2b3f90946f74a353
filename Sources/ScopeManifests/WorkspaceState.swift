internal import SecretScopes

/// What a workspace holds of what manifests describe, asked for all at once.
struct WorkspaceState {
    /// A scope that exists.
    struct Scope {
        let settings: SecretScope
        /// What is granted, by the principal's name as ACLs show it; `nil` when no manifest asks.
        var acl: [ACLItem]?
        /// The versions of the secrets, by name in lower case; `nil` when it was not asked for.
        var secrets: [String: ScopeContents.Item]?
    }

    private(set) var scopes: [ScopeName: Scope] = [:]

    /// - Parameter prunes: Whether it matters what no manifest describes.
    /// - Throws: ``SecretScopes/ScopeError`` when the workspace refuses or fails to tell.
    init(of manifests: [ScopeManifest], in services: any ManifestServices, prunes: Bool) async throws {
        guard !manifests.isEmpty else { return }
        for settings in try await services.scopeSettings() {
            if let name = ScopeName(rawValue: settings.name) { scopes[name] = Scope(settings: settings) }
        }
        var asked: [ScopeName] = []
        var requests: [ScopeContentsRequest] = []
        for manifest in manifests {
            let name = manifest.name.value
            guard let scope = scopes[name] else { continue }
            // The names of a linked scope are the vault's.
            let isNative = scope.settings.link == nil && manifest.link == nil
            // Of other sources the values themselves are compared.
            let isPresenceAsked = manifest.secrets.contains { secret in
                switch secret.source.value {
                case .generated, .prompted, .secret: true
                case .environment, .file: false
                }
            }
            let request = ScopeContentsRequest(
                scope: scope.settings.name,
                listsACL: !manifest.acl.isEmpty || (prunes && manifest.describesACL),
                listsSecrets: isNative && (isPresenceAsked || (prunes && manifest.describesSecrets)))
            guard request.listsACL || request.listsSecrets else { continue }
            asked.append(name)
            requests.append(request)
        }
        guard !requests.isEmpty else { return }
        for (name, contents) in zip(asked, try await services.contents(of: requests)) {
            scopes[name]?.acl = contents.acl
            scopes[name]?.secrets = contents.secrets.map { secrets in
                Dictionary(secrets.map { ($0.key.lowercased(), $0) }) { first, _ in first }
            }
        }
    }

    /// Whether it is a native scope that exists.
    func isNative(_ scope: ScopeName) -> Bool {
        scopes[scope].map { $0.settings.link == nil } ?? false
    }

    /// The version that a secret has, when it was asked for.
    func version(of place: SecretPlace) -> VersionID? {
        scopes[place.scope]?.secrets?[place.key.folded]?.version
    }

    /// The name in the case that the scope was made with, or is going to be.
    func name(of scope: ScopeName) -> String {
        scopes[scope]?.settings.name ?? scope.rawValue
    }
}
