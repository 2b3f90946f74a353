// The calls, part by part.

extension APIDescription {
    static let secrets: [APICall] = [
        post(
            .createScope, "Create a scope.",
            [
                .needed("scope"), .some("initial_manage_principal"),
                .some("scope_backend_type"), .some("backend_azure_keyvault", .object), .some("link", .object),
            ]),
        post(.deleteScope, "Delete a scope with its secrets and its ACL.", [.needed("scope")]),
        get(.listScopes, "List all scopes.", [], [.some("scopes", .list)]),
        post(
            .putSecret, "Store a value.",
            [
                .needed("scope"), .needed("key"), .some("string_value"),
                .some("bytes_value"),
            ]),
        post(.deleteSecret, "Delete a secret.", [.needed("scope"), .needed("key")]),
        get(.listSecrets, "List the names of a scope's secrets.", [.needed("scope")], [.some("secrets", .list)]),
        get(
            .getSecret, "Read a value, in base64.", [.needed("scope"), .needed("key")],
            [.needed("key"), .needed("value")]),
        post(.putACL, "Grant a permission.", [.needed("scope"), .needed("principal"), .needed("permission")]),
        post(.deleteACL, "Take away what a principal was granted.", [.needed("scope"), .needed("principal")]),
        get(
            .getACL, "Show what a principal was granted.", [.needed("scope"), .needed("principal")],
            [.needed("principal"), .needed("permission")]),
        get(.listACLs, "Show everything that was granted.", [.needed("scope")], [.some("items", .list)]),
    ]

    static let links: [APICall] = [
        APICall(
            method: "GET", path: LinkEndpoint.link, tag: .secrets, summary: "Show what a scope is linked to.",
            query: [.needed("scope")], answer: [.some("link", .object)]),
        APICall(
            method: "POST", path: LinkEndpoint.link, tag: .secrets,
            summary: "Link a scope to an external vault; it is created if there is none. Needs an administrator.",
            body: [
                .needed("scope"), .needed("address"), .some("options", .object), .some("credential"),
                .some("initial_manage_principal"),
            ]),
        APICall(
            method: "POST", path: LinkEndpoint.unlink, tag: .secrets,
            summary: "Make a linked scope a native one without secrets.", body: [.needed("scope")]),
        APICall(
            method: "POST", path: LinkEndpoint.check, tag: .secrets, summary: "Try a link step by step.",
            body: [.needed("scope")], answer: [.needed("steps", .list)]),
    ]

    /// What Databricks does not have: versions of secrets, settings of scopes, and why somebody may do what.
    static let ownScopes: [APICall] = [
        APICall(
            method: "GET", path: VersionEndpoint.list, tag: .secrets,
            summary: "List the versions of a secret that are kept.", query: [.needed("scope"), .needed("key")],
            answer: [.needed("versions", .list)]),
        APICall(
            method: "GET", path: VersionEndpoint.get, tag: .secrets,
            summary: "Read the value that a secret had in one of its versions, in base64.",
            query: [.needed("scope"), .needed("key"), .needed("version", .number)],
            answer: [.needed("key"), .needed("value")]),
        APICall(
            method: "POST", path: VersionEndpoint.restore, tag: .secrets,
            summary: "Make an earlier version of a secret the current one again.",
            body: [.needed("scope"), .needed("key"), .needed("version", .number)],
            answer: [.needed("version", .number)]),
        APICall(
            method: "GET", path: ScopeSettingsEndpoint.list, tag: .secrets,
            summary: "List all scopes with their settings.", answer: [.needed("scopes", .list)]),
        APICall(
            method: "POST", path: ScopeSettingsEndpoint.setRedaction, tag: .secrets,
            summary: "Set how far every run must at least go in redacting a scope's values.",
            body: [.needed("scope"), .needed("minimum_redaction")]),
        APICall(
            method: "GET", path: AccessEndpoint.access, tag: .secrets,
            summary: "Show who may do what with a scope, and through which grants.",
            query: [.needed("scope"), .some("principal")], answer: [.needed("access", .list)]),
        APICall(
            method: "POST", path: ChangeEndpoint.apply, tag: .secrets,
            summary: "Make several changes, all of them or none.", body: [.needed("changes", .list)],
            answer: [.needed("apply_id"), .needed("created_principals", .list)]),
        APICall(
            method: "POST", path: ComparisonEndpoint.contents, tag: .secrets,
            summary: "List the ACLs and the secrets of many scopes.", body: [.needed("scopes", .list)],
            answer: [.needed("scopes", .list)]),
        APICall(
            method: "POST", path: ComparisonEndpoint.compare, tag: .secrets,
            summary: "Tell which values scopes hold already.", body: [.needed("scopes", .list)],
            answer: [.needed("scopes", .list)]),
    ]

    static let tokens: [APICall] = [
        APICall(
            method: "POST", path: TokenEndpoint.create, tag: .tokens,
            summary: "Make a token for oneself. It is shown this once.",
            body: [.some("comment"), .some("lifetime_seconds", .number), .some("scopes", .list)],
            answer: [.needed("token_value"), .needed("token_info", .object)]),
        APICall(
            method: "GET", path: TokenEndpoint.list, tag: .tokens, summary: "List one's own tokens.",
            answer: [.some("token_infos", .list)]),
        APICall(
            method: "POST", path: TokenEndpoint.delete, tag: .tokens, summary: "Revoke a token.",
            body: [.needed("token_id")]),
        APICall(
            method: "PATCH", path: TokenEndpoint.change, tag: .tokens, summary: "Change a token's comment.",
            body: [.needed("token", .object), .needed("update_mask")]),
        APICall(
            method: "GET", path: TokenEndpoint.manage, tag: .tokens,
            summary: "List everybody's tokens. Needs an administrator.", query: [.some("created_by_username")],
            answer: [.some("token_infos", .list)]),
        APICall(
            method: "GET", path: TokenEndpoint.manageOne, tag: .tokens,
            summary: "Show a token of anybody. Needs an administrator.", answer: [.needed("token_info", .object)]),
        APICall(method: "DELETE", path: TokenEndpoint.manageOne, tag: .tokens, summary: "Revoke a token."),
        APICall(
            method: "POST", path: TokenEndpoint.onBehalf, tag: .tokens,
            summary: "Make a token for a service principal. Needs an administrator.",
            body: [.needed("application_id"), .some("comment"), .some("lifetime_seconds", .number)],
            answer: [.needed("token_value"), .needed("token_info", .object)]),
    ]

    static let directory: [APICall] =
        [
            APICall(
                method: "GET", path: Endpoint.currentPrincipal.path, tag: .directory,
                summary: "Show who the caller is.", answer: [.needed("id"), .needed("userName")])
        ]
        + DirectoryEndpoint.allCases.flatMap { collection in
            let name = collection == .users ? "userName" : "displayName"
            let one: [APICall.Field] = [.needed("id"), .needed("displayName")]
            return [
                APICall(
                    method: "GET", path: collection.path, tag: .directory,
                    summary: "List the \(collection.kind)s. Needs an administrator.",
                    query: [.some("filter"), .some("startIndex", .number), .some("count", .number)],
                    answer: [.needed("totalResults", .number), .some("Resources", .list)]),
                APICall(
                    method: "POST", path: collection.path, tag: .directory,
                    summary: "Create a \(collection.kind). Needs an administrator.",
                    body: collection == .groups ? [.needed(name), .some("members", .list)] : [.needed(name)],
                    answer: one, status: 201),
                APICall(
                    method: "GET", path: collection.onePath, tag: .directory,
                    summary: "Show a \(collection.kind). Needs an administrator.", answer: one),
                APICall(
                    method: "PUT", path: collection.onePath, tag: .directory,
                    summary: "Replace what a \(collection.kind) is. Needs an administrator.",
                    body: [.some("displayName")]
                        + (collection == .groups ? [.some("members", .list)] : [.some("active", .truth)]),
                    answer: one),
                APICall(
                    method: "DELETE", path: collection.onePath, tag: .directory,
                    summary: "Delete a \(collection.kind). Needs an administrator.", answer: nil, status: 204),
            ]
        } + [
            APICall(
                method: "PATCH", path: DirectoryEndpoint.users.onePath, tag: .directory,
                summary: "Rename a user, make it active or inactive. Needs an administrator.",
                body: [.needed("Operations", .list)], answer: nil, status: 204),
            APICall(
                method: "PATCH", path: DirectoryEndpoint.servicePrincipals.onePath, tag: .directory,
                summary: "Rename a service principal, make it active or inactive. Needs an administrator.",
                body: [.needed("Operations", .list)], answer: nil, status: 204),
            APICall(
                method: "PATCH", path: DirectoryEndpoint.groups.onePath, tag: .directory,
                summary: "Rename a group, add and remove members. Needs an administrator.",
                body: [.needed("Operations", .list)], answer: nil, status: 204),
        ]

    static let clientSecrets: [APICall] = [
        APICall(
            method: "POST", path: ClientSecretEndpoint.all, tag: .tokens,
            summary: "Make a client secret. It is shown this once. Needs an administrator.", body: [.some("lifetime")],
            answer: [.needed("id"), .needed("secret")]),
        APICall(
            method: "GET", path: ClientSecretEndpoint.all, tag: .tokens,
            summary: "List the client secrets of a service principal. Needs an administrator.",
            answer: [.some("secrets", .list)]),
        APICall(
            method: "DELETE", path: ClientSecretEndpoint.one, tag: .tokens,
            summary: "Delete a client secret. Needs an administrator."),
    ]

    static let audit: [APICall] = [
        APICall(
            method: "GET", path: AuditEndpoint.events, tag: .audit,
            summary: "Show events of the record, the newest first. Needs an administrator, or MANAGE on the scope.",
            query: [
                .some("scope"), .some("key"), .some("principal"), .some("apply"), .some("action"),
                .some("status", .number), .some("since"), .some("until"), .some("limit", .number),
                .some("page_token"),
            ],
            answer: [.needed("workspace_id"), .needed("events", .list), .some("next_page_token")]),
        APICall(
            method: "GET", path: AuditEndpoint.whoRead, tag: .audit,
            summary: "Show who read a secret, or any of a scope. Needs an administrator, or MANAGE on the scope.",
            query: [.needed("scope"), .some("key"), .some("limit", .number), .some("page_token")],
            answer: [.needed("reads", .list), .some("next_page_token")]),
        APICall(
            method: "GET", path: AuditEndpoint.reads, tag: .audit,
            summary: "Show what a principal read. Needs an administrator.",
            query: [.needed("principal"), .some("limit", .number), .some("page_token")],
            answer: [.needed("reads", .list), .some("next_page_token")]),
        APICall(
            method: "GET", path: AuditEndpoint.follow, tag: .audit,
            summary: "Wait for events that come. Needs an administrator, or MANAGE on the scope.",
            query: [
                .some("scope"), .some("key"), .some("principal"), .some("apply"), .some("action"),
                .some("status", .number), .some("since"), .some("until"), .some("after", .number),
                .some("wait", .number),
            ],
            answer: [.needed("workspace_id"), .needed("events", .list), .needed("last", .number)]),
        APICall(
            method: "POST", path: AuditEndpoint.verify, tag: .audit,
            summary: "Check that neither the record nor the store was altered. Needs an administrator.",
            body: [.some("checkpoint")],
            answer: [
                .needed("intact", .truth), .needed("events", .number), .needed("rows", .number), .needed("hash"),
                .needed("problems", .list),
            ]),
        APICall(
            method: "POST", path: AuditEndpoint.checkpoint, tag: .audit,
            summary: "Sign where the record ends now. Needs an administrator.", body: [],
            answer: [.needed("checkpoint")]),
    ]

    static let signIn: [APICall] = [
        APICall(
            method: "GET", path: Endpoint.configurationPath, tag: .sign,
            summary: "Tell clients where to get access tokens, and which workspace this is.",
            answer: [.needed("oidc_endpoint"), .needed("workspace_id"), .needed("host_type")], isOpen: true),
        APICall(
            method: "GET", path: OAuthEndpoint.discovery, tag: .sign,
            summary: "Tell clients where to get access tokens.",
            answer: [.needed("authorization_endpoint"), .needed("token_endpoint")], isOpen: true),
        APICall(
            method: "POST", path: OAuthEndpoint.token, tag: .sign,
            summary: "Get an access token for a service principal.", body: [.needed("grant_type"), .some("scope")],
            answer: [
                .needed("access_token"), .needed("token_type"), .needed("expires_in", .number),
                .needed("scope"),
            ],
            bodyType: "application/x-www-form-urlencoded"),
    ]

    static let operation: [APICall] = [
        APICall(
            method: "GET", path: OperationPath.health, tag: .operation,
            summary: "Tell whether the server is alive and its workspace can be used.",
            answer: [.needed("live", .truth), .needed("ready", .truth), .some("reason")], isOpen: true),
        APICall(
            method: "GET", path: OperationPath.metrics, tag: .operation,
            summary: "Tell what the server counts, for Prometheus.", isOpen: true, answerType: "text/plain"),
        APICall(
            method: "GET", path: OperationPath.description, tag: .operation, summary: "Show this description.",
            answer: [.needed("openapi"), .needed("paths", .object)], isOpen: true),
    ]

    private static func get(
        _ endpoint: Endpoint, _ summary: String, _ query: [APICall.Field], _ answer: [APICall.Field]
    ) -> APICall {
        APICall(
            method: "GET", path: endpoint.path, tag: .secrets, summary: summary, query: query, answer: answer)
    }

    private static func post(_ endpoint: Endpoint, _ summary: String, _ body: [APICall.Field]) -> APICall {
        APICall(method: "POST", path: endpoint.path, tag: .secrets, summary: summary, body: body)
    }
}
