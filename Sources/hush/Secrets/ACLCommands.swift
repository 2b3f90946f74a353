import ArgumentParser
import DatabricksAPI
import SecretMemory
import SecretScopes

/// `hush secrets put-acl`.
struct PutACLCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "put-acl",
        abstract: "Grant a permission on a scope, or change it.",
        usage: "hush secrets put-acl SCOPE PRINCIPAL PERMISSION [flags]",
        discussion: """
            READ gets and lists secrets, WRITE also puts and deletes them, MANAGE also changes permissions and deletes \
            the scope. The strongest permission of a principal and its groups counts. It needs the permission MANAGE.

            EXAMPLE:
              hush secrets put-acl payments analysts READ
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The name of the scope; a user, group or application id; MANAGE, READ or WRITE.",
            valueName: "scope> <principal> <permission"
        )
    )
    var arguments: [String] = []

    @OptionGroup var request: RequestBodyOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let grant: PutACLParameters
        if let json = try request.body(in: program.pool) {
            try PositionalArguments.none(of: arguments, besideJSONWith: ["scope", "principal", "permission"])
            grant = try json.withBytes { try PutACLParameters(json: $0) }
        } else {
            let names = try PositionalArguments.exactly(3, of: arguments)
            guard Permission.allCases.contains(where: { $0.description == names[2] }) else {
                throw UsageFailure("invalid PERMISSION: \(names[2])")
            }
            grant = PutACLParameters(scope: names[0], principal: names[1], permission: names[2])
        }
        try await options.service(in: program)
            .putACL(scope: grant.scope, principal: grant.principal, permission: grant.permission)
    }
}

/// `hush secrets delete-acl`.
struct DeleteACLCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-acl",
        abstract: "Take away what a principal was granted on a scope.",
        usage: "hush secrets delete-acl SCOPE PRINCIPAL [flags]",
        discussion: """
            The principal's next read is refused, unless a group of it was granted more. It needs the permission MANAGE.

            EXAMPLE:
              hush secrets delete-acl payments analysts
            """
    )

    @Argument(help: ArgumentHelp("The names of the scope and of the principal.", valueName: "scope> <principal"))
    var arguments: [String] = []

    @OptionGroup var request: RequestBodyOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let grant: ACLParameters
        if let json = try request.body(in: program.pool) {
            try PositionalArguments.none(of: arguments, besideJSONWith: ["scope", "principal"])
            grant = try json.withBytes { try ACLParameters(json: $0) }
        } else {
            let names = try PositionalArguments.exactly(2, of: arguments)
            grant = ACLParameters(scope: names[0], principal: names[1])
        }
        try await options.service(in: program).deleteACL(scope: grant.scope, principal: grant.principal)
    }
}

/// `hush secrets get-acl`.
struct GetACLCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "get-acl",
        abstract: "Show what a principal was granted on a scope.",
        usage: "hush secrets get-acl SCOPE PRINCIPAL [flags]",
        discussion: """
            Shows what was granted to the principal itself, not to its groups. It needs the permission MANAGE.

            EXAMPLE:
              hush secrets get-acl payments analysts
            """
    )

    @Argument(help: ArgumentHelp("The names of the scope and of the principal.", valueName: "scope> <principal"))
    var arguments: [String] = []

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let names = try PositionalArguments.exactly(2, of: arguments)
        let item = try await options.service(in: program).getACL(scope: names[0], principal: names[1])
        try program.output.write(json(of: item).indented)
    }
}

/// `hush secrets list-acls`.
struct ListACLsCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-acls",
        abstract: "List who was granted what on a scope.",
        usage: "hush secrets list-acls SCOPE [flags]",
        discussion: """
            It needs the permission MANAGE.

            EXAMPLE:
              hush secrets list-acls payments
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var arguments: [String] = []

    @OptionGroup var limit: LimitOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let scope = try PositionalArguments.exactly(1, of: arguments)[0]
        let count = try limit.count()
        let items = try await options.service(in: program).listACLs(scope: scope).prefix(count)
        try program.output.write(JSON.array(items.map { json(of: $0) }).indented)
    }
}

/// A grant, as the Databricks command line prints it in text and JSON alike.
private func json(of item: ACLItem) -> JSON {
    .object([("principal", .text(item.principal)), ("permission", .text(item.permission.description))])
}
