import ScopeManifests
import SecretScopes

/// Who last changed what a plan would change, from the audit record.
struct DriftReport {
    /// What the record tells of one place.
    private enum Answer {
        case changed(AuditEvent)
        /// It was never changed, as far as the record tells.
        case never
        /// The caller may not ask.
        case unknown
    }

    private var answers: [Answer] = []

    /// Asks for each change of `plan`.
    init(of plan: ManifestPlan, asking events: (AuditQuery) async throws -> [AuditEvent]) async throws {
        for change in plan.changes {
            do {
                answers.append(try await Self.lastChange(of: change, events).map { .changed($0) } ?? .never)
            } catch let error as ScopeError where error.code == .permissionDenied {
                answers.append(.unknown)
            }
        }
    }

    /// Whether something was changed by hand, and not by an apply.
    var isByHand: Bool {
        answers.contains { if case .changed(let event) = $0 { event.origin.apply == nil } else { false } }
    }

    /// What is told of the change at `index`, as a line.
    func line(at index: Int) -> String {
        switch answers[index] {
        case .never: return ""
        case .unknown: return "    who changed it last is not known: you may not ask the audit record\n"
        case .changed(let event):
            let way = event.origin.apply.map { "apply \($0)" } ?? "by hand"
            let text =
                "    \(event.operation.actionName) by \(event.actor.name), \(TimeText.text(event.time)), \(way)"
            return TextOutput.printable(text) + "\n"
        }
    }

    /// What is told of the change at `index`, for other programs.
    func document(at index: Int) -> JSON {
        guard case .changed(let event) = answers[index] else { return .null }
        return .object([
            ("action", .text(event.operation.actionName)), ("principal", .text(event.actor.name)),
            ("time", .integer(event.time.rawValue)), ("apply_id", .optional(event.origin.apply)),
        ])
    }

    /// How many of the newest events are looked at for one that names the principal.
    private static let depth = 100

    private static func lastChange(
        of change: ManifestPlan.Change, _ events: (AuditQuery) async throws -> [AuditEvent]
    ) async throws -> AuditEvent? {
        var last: AuditEvent?
        func ask(
            _ operations: [Operation], scope: String? = nil, key: String? = nil, named: [String: String] = [:]
        ) async throws {
            for operation in operations {
                var query = AuditQuery()
                query.operation = operation
                query.status = 200
                query.scope = scope
                query.key = key
                query.limit = named.isEmpty ? 1 : depth
                let found = try await events(query).last { event in
                    named.allSatisfy { name, value in
                        event.parameters.contains { $0.name == name && $0.value.lowercased() == value.lowercased() }
                    }
                }
                if let found, found.sequence > last?.sequence ?? 0 { last = found }
            }
        }
        switch change.action {
        case .createPrincipal(_, let name):
            try await ask([.deletePrincipal], named: ["name": name])
        case .addMember(let member, let group):
            try await ask([.removeGroupMember], named: ["group": group, "member": change.principalName ?? member])
        case .createScope(let scope):
            try await ask([.deleteScope], scope: scope)
        case .linkScope(let link, _):
            try await ask([.linkScope, .unlinkScope, .deleteScope], scope: link.scope)
        case .setRedaction(let scope, _, _):
            try await ask([.setScopeRedaction], scope: scope)
        case .grant(let scope, let principal, _, _), .revoke(let scope, let principal, _):
            let name = change.principalName ?? principal
            try await ask([.putACL, .deleteACL], scope: scope, named: ["principal": name])
        case .putSecret(let scope, let key, _, _), .deleteSecret(let scope, let key):
            try await ask([.putSecret, .deleteSecret, .restoreVersion], scope: scope, key: key)
        }
        return last
    }
}
