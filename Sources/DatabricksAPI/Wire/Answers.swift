internal import SecretJSON
public import SecretScopes

/// The bodies of successful answers that hold no value.
///
/// Empty lists and finished writes are answered by `{}`, never by an empty body or `null`: the legacy command line
/// parses every answer.
public enum Answer {
    /// What a finished write is answered with.
    public static var done: [UInt8] { Array("{}".utf8) }

    /// All scopes.
    public static func scopes(_ scopes: [SecretScope]) -> [UInt8] {
        .json { json in
            guard !scopes.isEmpty else { return }
            json.member("scopes", scopes) { json, scope in
                json.object { json in
                    json.member("name", scope.name)
                    json.member("backend_type", scope.backend.wireName)
                    guard let link = scope.link else { return }
                    if scope.backend == .azureKeyVault {
                        json.member("keyvault_metadata") { json in
                            json.member("resource_id", link.resourceID ?? "")
                            json.member("dns_name", link.address)
                        }
                    }
                    json.member("link") { json in
                        json.member("kind", link.kind)
                        json.member("address", link.address)
                    }
                }
            }
        }
    }

    /// A scope's secrets. The time is a number: older Go clients fail on a string.
    public static func secrets(_ secrets: [SecretMetadata]) -> [UInt8] {
        .json { json in
            guard !secrets.isEmpty else { return }
            json.member("secrets", secrets) { json, secret in
                json.object { json in
                    json.member("key", secret.key)
                    json.member("last_updated_timestamp", secret.lastUpdated.rawValue)
                }
            }
        }
    }

    /// One grant, not wrapped.
    public static func acl(_ item: ACLItem) -> [UInt8] {
        .json { write(item, to: &$0) }
    }

    /// A scope's grants. The field is `items`; the `acls` of Databricks' prose is read by no client.
    public static func acls(_ items: [ACLItem]) -> [UInt8] {
        .json { json in
            guard !items.isEmpty else { return }
            json.member("items", items) { json, item in json.object { write(item, to: &$0) } }
        }
    }

    /// Who the caller is, as SCIM describes a user. For a service principal the user name is its application id,
    /// which is also its name in ACLs.
    public static func me(_ principal: Principal) -> [UInt8] {
        .json { json in
            json.member("schemas", ["urn:ietf:params:scim:schemas:core:2.0:User"]) { $0.element($1) }
            json.member("id", principal.id.description)
            json.member("userName", principal.name)
            json.member("displayName", principal.displayName)
            json.member("active", principal.isActive)
            if principal.kind == .servicePrincipal { json.member("applicationId", principal.name) }
            DirectoryAnswer.writeAddress(of: principal, to: &json)
        }
    }

    /// What clients want to know before their first request: where to get OAuth tokens, and which workspace this is.
    ///
    /// - Parameters:
    ///   - origin: Scheme, host and port under which the client reached the server.
    ///   - workspace: The number of the workspace, as ``number(of:)`` makes it.
    public static func configuration(origin: String, workspace: Int64) -> [UInt8] {
        .json { json in
            json.member("oidc_endpoint", origin + "/oidc")
            json.member("workspace_id", String(workspace))
            json.member("host_type", "workspace")
        }
    }

    /// The number that stands for a workspace where clients expect one of Databricks' numeric ids: positive, and small
    /// enough (53 bits) for a reader that knows only floating-point numbers.
    public static func number(of workspace: WorkspaceID) -> Int64 {
        let bits = workspace.bytes.prefix(8).reduce(0 as Int64) { $0 << 8 | Int64($1) }
        return max(1, bits & 0x001F_FFFF_FFFF_FFFF)
    }

    /// The body of a refusal or failure.
    public static func error(_ error: ScopeError) -> [UInt8] {
        .json { json in
            json.member("error_code", error.code.name)
            json.member("message", error.message)
        }
    }

    private static func write(_ item: ACLItem, to json: inout JSONWriter) {
        json.member("principal", item.principal)
        json.member("permission", item.permission.description)
    }
}
