import ArgumentParser
import DatabricksAPI
import SecretMemory
import SecretScopes

/// `hush secrets create-scope`.
struct CreateScopeCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "create-scope",
        abstract: "Create a new secret scope.",
        usage: "hush secrets create-scope SCOPE [flags]",
        discussion: """
            Whoever creates a scope may manage it. A name has 1 to 128 letters, digits and _ . @ / - and is found \
            whatever its case.

            EXAMPLE:
              hush secrets create-scope payments
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var arguments: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Who may manage the scope instead of its creator: users, or nobody else.", valueName: "group")
    )
    var initialManagePrincipal: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where the scope keeps its values: DATABRICKS or AZURE_KEYVAULT.", valueName: "type")
    )
    var scopeBackendType: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With AZURE_KEYVAULT: the vault's Azure resource id.", valueName: "id"))
    var resourceID: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With AZURE_KEYVAULT: the vault's address.", valueName: "url"))
    var dnsName: String?

    @OptionGroup var request: RequestBodyOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let body: CreateScopeRequest
        if let json = try request.body(in: program.pool) {
            try PositionalArguments.none(of: arguments, besideJSONWith: ["scope"])
            body = try json.withBytes { try CreateScopeRequest(json: $0) }
        } else {
            let scope = try PositionalArguments.exactly(1, of: arguments)[0]
            let isVault = resourceID != nil || dnsName != nil
            body = CreateScopeRequest(
                scope: scope,
                initialManagePrincipal: initialManagePrincipal,
                backendType: scopeBackendType,
                azureKeyVault: isVault ? .init(resourceID: resourceID, dnsName: dnsName) : nil
            )
        }
        try await options.service(in: program).createScope(body)
    }
}

/// `hush secrets delete-scope`.
struct DeleteScopeCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-scope",
        abstract: "Delete a secret scope with its secrets and permissions.",
        usage: "hush secrets delete-scope SCOPE [flags]",
        discussion: """
            This cannot be undone. It needs the permission MANAGE.

            EXAMPLE:
              hush secrets delete-scope payments
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var arguments: [String] = []

    @OptionGroup var request: RequestBodyOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let scope: String
        if let json = try request.body(in: program.pool) {
            try PositionalArguments.none(of: arguments, besideJSONWith: ["scope"])
            scope = try json.withBytes { try ScopeParameters(json: $0) }.scope
        } else {
            scope = try PositionalArguments.exactly(1, of: arguments)[0]
        }
        try await options.service(in: program).deleteScope(scope)
    }
}

/// `hush secrets list-scopes`.
struct ListScopesCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-scopes",
        abstract: "List all secret scopes.",
        usage: "hush secrets list-scopes [flags]",
        discussion: """
            Everybody may: the names of scopes are not secret.

            EXAMPLE:
              hush secrets list-scopes -o json
            """
    )

    @Argument(help: .hidden)
    var arguments: [String] = []

    @OptionGroup var limit: LimitOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        _ = try PositionalArguments.exactly(0, of: arguments)
        let count = try limit.count()
        let scopes = try await options.service(in: program).listScopes().prefix(count)
        switch options.format.output {
        case .text:
            var table = Table(["Scope", "Backend Type"])
            for scope in scopes { table.append([scope.name, scope.backend.wireName]) }
            try program.output.write(table.takeText())
        case .json:
            let elements = scopes.map { scope in
                var members: [(String, JSON)] = [
                    ("name", .text(scope.name)), ("backend_type", .text(scope.backend.wireName)),
                ]
                if scope.backend == .azureKeyVault, let link = scope.link {
                    members.append(
                        (
                            "keyvault_metadata",
                            .object([
                                ("resource_id", .text(link.resourceID ?? "")), ("dns_name", .text(link.address)),
                            ])
                        ))
                }
                if let link = scope.link {
                    members.append(
                        ("link", .object([("address", .text(link.address)), ("kind", .text(link.kind))])))
                }
                return JSON.object(members)
            }
            try program.output.write(JSON.array(elements).indented)
        }
    }
}

extension SecretsOptions {
    /// The secrets that the options lead to.
    func service(in program: Program) async throws -> any SecretService {
        try await WorkspaceAccess(program, workspace, server).secrets(as: acting.principal)
    }

    /// The versions of the secrets that the options lead to, which Databricks' API does not have.
    func versions(in program: Program) async throws -> any SecretVersionService {
        try await WorkspaceAccess(program, workspace, server).versions(as: acting.principal)
    }
}
