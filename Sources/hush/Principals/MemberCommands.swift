import ArgumentParser
import SecretScopes

/// `hush groups show`.
struct ShowGroupCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List a group's members.",
        discussion: """
            Shows whom the group holds itself; what groups among them hold belongs to it too.

            EXAMPLE:
              hush groups show analysts
            """
    )

    @Argument(help: "The group's name.")
    var group: String

    @OptionGroup var options: IdentityOptions

    func run(in program: Program) async throws {
        let members = try await options.service(in: program).groupMembers(group)
        var table = Table(["Member", "Kind", "Display Name"])
        for member in members { table.append([member.name, member.kind.description, member.displayName]) }
        let text = table.takeText().dropLast()
        try options.print(String(text), or: .array(members.map { .principal($0) }), in: program)
    }
}

/// `hush groups add-member`.
struct AddMemberCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-member",
        abstract: "Add a user, a group or a service principal to a group.",
        discussion: """
            Adding a member again changes nothing.

            EXAMPLE:
              hush groups add-member analysts ana@example.com
            """
    )

    @OptionGroup var membership: MembershipArguments

    func run(in program: Program) async throws {
        try await membership.options.service(in: program).addGroupMember(membership.member, to: membership.group)
        try membership.print("Added \(membership.member) to \(membership.group).", in: program)
    }
}

/// `hush groups remove-member`.
struct RemoveMemberCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-member",
        abstract: "Remove a member from a group.",
        discussion: """
            What the group was granted is refused to it from the next call on.

            EXAMPLE:
              hush groups remove-member analysts ana@example.com
            """
    )

    @OptionGroup var membership: MembershipArguments

    func run(in program: Program) async throws {
        try await membership.options.service(in: program).removeGroupMember(membership.member, from: membership.group)
        try membership.print("Removed \(membership.member) from \(membership.group).", in: program)
    }
}

/// A group and one of its members.
struct MembershipArguments: ParsableArguments {
    @Argument(help: "The group's name.")
    var group: String

    @Argument(help: "A user or group by name, or a service principal by application id.")
    var member: String

    @OptionGroup var options: IdentityOptions

    /// Says what was done.
    func print(_ text: String, in program: Program) throws {
        try options.print(text, or: .object([("group", .text(group)), ("member", .text(member))]), in: program)
    }
}
