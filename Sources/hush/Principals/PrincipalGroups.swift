import ArgumentParser
import SecretScopes

/// What the commands for one kind of principal say.
protocol PrincipalWords: Sendable {
    /// The kind.
    static var kind: PrincipalKind { get }
    /// The word behind `hush`.
    static var command: String { get }
    /// What a new one is named by.
    static var newName: ArgumentHelp { get }
    /// What it is named by afterwards.
    static var name: ArgumentHelp { get }
    /// Names for examples: of a new one, and of one that exists.
    static var examples: (new: String, existing: String) { get }
    /// What is good to know before creating one.
    static var createNote: String { get }
    /// What is good to know before deleting one.
    static var deleteNote: String { get }
    /// The header of a list: the name, and what else is worth a column.
    static var header: [String] { get }
    /// A row of a list.
    static func row(_ principal: Principal) -> [String]
}

/// `hush users`.
struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Words.command,
        abstract: "Create, list, deactivate and delete users.",
        discussion: """
            EXAMPLE:
              hush users create ana@example.com
            """,
        subcommands: [
            CreatePrincipalCommand<Words>.self, ListPrincipalsCommand<Words>.self,
            DeactivatePrincipalCommand<Words>.self, ActivatePrincipalCommand<Words>.self,
            DeletePrincipalCommand<Words>.self,
        ]
    )

    enum Words: PrincipalWords {
        static let kind = PrincipalKind.user
        static let command = "users"
        static let newName = ArgumentHelp("The user's name, as a rule an e-mail address.", valueName: "user")
        static let name = ArgumentHelp("The user's name.", valueName: "user")
        static let examples = (new: "ana@example.com", existing: "ana@example.com")
        static let createNote = "A new user belongs to the group users and may create scopes."
        static let deleteNote = "A user who is created again under the same name inherits nothing."
        static let header = ["User", "State"]
        static func row(_ principal: Principal) -> [String] { [principal.name, principal.state] }
    }
}

/// `hush groups`.
struct GroupsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Words.command,
        abstract: "Create, list and delete groups, and change their members.",
        discussion: """
            EXAMPLE:
              hush groups create analysts
              hush groups add-member analysts ana@example.com
            """,
        subcommands: [
            CreatePrincipalCommand<Words>.self, ListPrincipalsCommand<Words>.self, DeletePrincipalCommand<Words>.self,
            ShowGroupCommand.self, AddMemberCommand.self, RemoveMemberCommand.self,
        ]
    )

    enum Words: PrincipalWords {
        static let kind = PrincipalKind.group
        static let command = "groups"
        static let newName = ArgumentHelp("The group's name.", valueName: "group")
        static let name = newName
        static let examples = (new: "analysts", existing: "analysts")
        static let createNote = "Everybody belongs to the group users; members of the group admins may do everything."
        static let deleteNote = "Its members stay, and lose what only the group was granted."
        static let header = ["Group"]
        static func row(_ principal: Principal) -> [String] { [principal.name] }
    }
}

/// `hush service-principals`.
struct ServicePrincipalsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Words.command,
        abstract: "Create, list, deactivate and delete service principals: programs that act by themselves.",
        discussion: """
            EXAMPLE:
              hush service-principals create nightly-report
            """,
        subcommands: [
            CreatePrincipalCommand<Words>.self, ListPrincipalsCommand<Words>.self,
            DeactivatePrincipalCommand<Words>.self, ActivatePrincipalCommand<Words>.self,
            DeletePrincipalCommand<Words>.self,
        ]
    )

    enum Words: PrincipalWords {
        static let kind = PrincipalKind.servicePrincipal
        static let command = "service-principals"
        static let newName = ArgumentHelp("A name for people.", valueName: "display-name")
        static let name = ArgumentHelp("The application id.", valueName: "application-id")
        static let examples = (new: "nightly-report", existing: "0e2b5a5e-5d1f-4c59-8d35-0b6a3c1d9f42")
        static let createNote = "Permissions and groups know it by the application id, which is made up and printed."
        static let deleteNote = "One that is created again under the same name inherits nothing."
        static let header = ["Application ID", "Display Name", "State"]
        static func row(_ principal: Principal) -> [String] {
            [principal.name, principal.displayName, principal.state]
        }
    }
}

extension Principal {
    /// Whether it may do anything at all, in a word.
    fileprivate var state: String { isActive ? "active" : "inactive" }
}
