import RepeatableRandomness
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// The engine's decisions held against ``NaivePermissions``, in a workspace that changes at random: users come and go,
/// groups hold users and groups, in cycles too, and everybody may become an administrator.
@Suite struct PermissionModelTests {
    private static let questionCount = 100_000
    private static let questionsBetweenChanges = 500

    @Test func theEngineDecidesAsTheRulesSay() async throws {
        var generator = SeededGenerator()
        print("Random permissions: seed \(generator.seed)")
        var world = try await RandomWorld(using: &generator)
        var asked = 0
        var allowed = 0
        while asked < Self.questionCount {
            try await world.change(using: &generator)
            try await world.checkExplanation(using: &generator)
            let questions = (0..<Self.questionsBetweenChanges).map { _ in world.question(using: &generator) }
            let answers = try await withThrowingTaskGroup(of: (Question, Bool).self) { group in
                for question in questions { group.addTask { (question, try await question.ask()) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (question, isAllowed) in answers where isAllowed != question.isAllowed {
                Issue.record("seed \(generator.seed), after \(asked) questions: \(question) was \(isAllowed)\n\(world)")
                return
            }
            asked += answers.count
            allowed += answers.count { $0.1 }
        }
        print("Random permissions: \(asked) questions, \(allowed) of them allowed")
        #expect(allowed > asked / 20 && allowed < asked * 19 / 20, "the questions are too much alike")
    }
}

/// A call by somebody, and whether the rules allow it.
private struct Question: Sendable, CustomStringConvertible {
    let principal: String
    let scope: String
    let operation: Operation
    let isAllowed: Bool
    let services: any WorkspaceServices
    let value: SecretBytes

    var description: String { "\(operation) by \(principal) on \(scope), which is \(isAllowed)" }

    /// Whether the engine allows it. What is allowed may fail, because it asks for something that is not there.
    func ask() async throws -> Bool {
        do {
            switch operation {
            case .getSecret: _ = try await services.getSecret(scope: scope, key: "k")
            case .listSecrets: _ = try await services.listSecrets(scope: scope)
            case .putSecret:
                try await services.putSecret(PutSecretRequest(scope: scope, key: principal, stringValue: value))
            case .deleteSecret: try await services.deleteSecret(scope: scope, key: "nothing")
            case .putACL: try await services.putACL(scope: scope, principal: "nobody", permission: "READ")
            case .getACL: _ = try await services.getACL(scope: scope, principal: "nobody")
            case .listACLs: _ = try await services.listACLs(scope: scope)
            case .deleteACL: try await services.deleteACL(scope: scope, principal: "nobody")
            default: _ = try await services.listPrincipals(kind: .servicePrincipal)
            }
            return true
        } catch let error as ScopeError {
            switch error.code {
            case .permissionDenied: return false
            case .resourceDoesNotExist, .invalidParameterValue: return true
            default: throw error
            }
        }
    }
}

/// A workspace whose principals, groups and grants change at random, and what the rules know of them.
private struct RandomWorld: CustomStringConvertible {
    private static let users = (1...12).map { "user-\($0)" }
    private static let groups = (1...8).map { "group-\($0)" }
    private static let scopes = (1...5).map { "scope-\($0)" }
    private static let mostMemberships = 16
    private static let mostGrants = 30

    /// The operations that are asked for, with the permission that each needs; `nil` is an administrator.
    private static let operations: [(operation: Operation, needs: Permission?)] = [
        (.getSecret, .read), (.listSecrets, .read), (.deleteSecret, .write), (.putSecret, .write), (.putACL, .manage),
        (.getACL, .manage), (.listACLs, .manage), (.deleteACL, .manage), (.listPrincipals, nil),
    ]

    /// One user in the engine: as itself, and as the bearer of a token that allows some operations.
    private struct Session {
        let own: any WorkspaceServices
        let bearer: any WorkspaceServices
        let operations: OperationSet
    }

    private let fixture: TemporaryWorkspace
    private let root: any EmbeddedServices
    private let value: SecretBytes
    private var rules = NaivePermissions()
    private var sessions: [String: Session] = [:]

    var description: String { "\(rules)" }

    init(using generator: inout SeededGenerator) async throws {
        fixture = try await TemporaryWorkspace()
        root = try fixture.services()
        value = fixture.secret("tok_live_2")
        rules.members["admins"] = []
        for group in Self.groups {
            try await fixture.makeGroup(group)
            rules.members[group] = []
        }
        for scope in Self.scopes {
            try await fixture.makeScope(scope, holding: ["k": "tok_live_1"])
            rules.grants[scope] = [TemporaryWorkspace.administrator: .manage]
        }
        for user in Self.users { try await create(user, using: &generator) }
        for _ in 1...80 { try await change(using: &generator) }
    }

    private mutating func create(_ user: String, using generator: inout SeededGenerator) async throws {
        try await fixture.makeUsers(user)
        let operations = OperationSet(Self.operations.map(\.operation).filter { _ in Bool.random(using: &generator) })
        let token = try await root.createToken(
            CreateTokenRequest(
                principal: user, kind: .personalAccessToken, operations: operations, lifetime: nil, comment: ""))
        sessions[user] = Session(
            own: try fixture.services(as: user),
            bearer: try await fixture.workspace.gateway(accepting: [.personalAccessToken]).services(
                forToken: token.value, origin: RequestOrigin(surface: .rest)),
            operations: operations
        )
    }

    // MARK: Changing

    /// Does one thing to the workspace, and the same to the rules.
    mutating func change(using generator: inout SeededGenerator) async throws {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: try await recreate(generator.element(of: Self.users), using: &generator)
        case 1...2: try await changeState(of: generator.element(of: Self.users))
        case 3...7: try await changeMembership(using: &generator)
        default: try await changeGrant(using: &generator)
        }
    }

    /// Deletes a user and makes another one of the same name.
    private mutating func recreate(_ user: String, using generator: inout SeededGenerator) async throws {
        try await root.deletePrincipal(kind: .user, name: user)
        for group in rules.members.keys { rules.members[group]?.remove(user) }
        for scope in Self.scopes { rules.grants[scope]?[user] = nil }
        rules.inactive.remove(user)
        try await create(user, using: &generator)
    }

    private mutating func changeState(of user: String) async throws {
        let isActive = rules.inactive.remove(user) != nil
        // Few of them, or hardly anything would be allowed.
        if !isActive, rules.inactive.count >= 3 { return }
        if !isActive { rules.inactive.insert(user) }
        try await root.setActive(isActive, kind: .user, name: user)
    }

    private mutating func changeMembership(using generator: inout SeededGenerator) async throws {
        let memberships = rules.members.flatMap { group, members in members.map { (group: group, member: $0) } }
            .sorted { ($0.group, $0.member) < ($1.group, $1.member) }
        guard memberships.count < Self.mostMemberships else {
            let (group, member) = generator.element(of: memberships)
            try await root.removeGroupMember(member, from: group)
            rules.members[group]?.remove(member)
            return
        }
        let group = generator.element(of: Self.groups + ["admins"])
        let member = generator.element(of: (Self.users + Self.groups).filter { $0 != group })
        try await root.addGroupMember(member, to: group)
        rules.members[group]?.insert(member)
    }

    private mutating func changeGrant(using generator: inout SeededGenerator) async throws {
        let scope = generator.element(of: Self.scopes)
        let grants = rules.grants.values.reduce(0) { $0 + $1.count }
        if grants >= Self.mostGrants, let grantees = rules.grants[scope]?.keys.sorted(), !grantees.isEmpty {
            let grantee = generator.element(of: grantees)
            try await root.deleteACL(scope: scope, principal: grantee)
            rules.grants[scope]?[grantee] = nil
            return
        }
        let grantee = generator.element(of: Self.users + Self.groups + ["users", "admins"])
        let permission = generator.element(of: Permission.allCases)
        try await root.putACL(scope: scope, principal: grantee, permission: permission.description)
        rules.grants[scope]?[grantee] = permission
    }

    // MARK: Asking

    /// A call that anybody may try.
    func question(using generator: inout SeededGenerator) -> Question {
        let (principal, session) = generator.element(of: sessions.sorted { $0.key < $1.key })
        let scope = generator.element(of: Self.scopes)
        let (operation, needs) = generator.element(of: Self.operations)
        let showsToken = Int.random(in: 0..<4, using: &generator) == 0
        return Question(
            principal: principal,
            scope: scope,
            operation: operation,
            isAllowed: rules.allows(principal, needs, on: scope)
                && (!showsToken || session.operations.contains(operation)),
            services: showsToken ? session.bearer : session.own,
            value: value
        )
    }
}

extension RandomWorld {
    /// Expects the engine to explain who may do what on a scope as the rules have it, by ways that are there.
    func checkExplanation(using generator: inout SeededGenerator) async throws {
        let scope = generator.element(of: Self.scopes)
        let everybody = try await root.access(to: scope)
        let expected = Self.users.filter { rules.allows($0, .read, on: scope) } + [TemporaryWorkspace.administrator]
        #expect(everybody.map(\.principal.name).sorted() == expected.sorted(), "seed \(generator.seed)\n\(rules)")
        let one = try await root.access(of: generator.element(of: Self.users + Self.groups), to: scope)
        for access in everybody + [one] where access.principal.name != TemporaryWorkspace.administrator {
            let name = access.principal.name
            let permission = rules.inactive.contains(name) ? nil : rules.permission(of: name, on: scope)
            #expect(access.permission == permission, "seed \(generator.seed): \(access)\n\(rules)")
            for reason in access.reasons {
                #expect(isTrue(reason, for: name, on: scope), "seed \(generator.seed): \(access)\n\(rules)")
            }
        }
    }

    private func isTrue(_ reason: ScopeAccess.Reason, for principal: String, on scope: String) -> Bool {
        let steps = zip([principal] + reason.path, reason.path)
        guard steps.allSatisfy({ $1 == "users" || rules.members[$1]?.contains($0) == true }) else { return false }
        let grantee = reason.path.last ?? principal
        if reason.isAdministration { return grantee == "admins" && reason.permission == .manage }
        return rules.grants[scope]?[grantee] == reason.permission
    }
}

extension SeededGenerator {
    /// One of `elements`, of which there must be some.
    fileprivate mutating func element<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}
