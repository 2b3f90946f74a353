import SecretCrypto
import SecretMemory

extension ScopeSession: WorkspaceChangeService {
    /// Makes changes in one transaction, all of them or none.
    public func apply(_ changes: [WorkspaceChange]) async throws -> AppliedChanges {
        let id = caller.origin.apply ?? PrincipalID(random: engine.random).description
        let caller = caller.asking(within: id)
        let isRemoval = !changes.isEmpty && changes.allSatisfy(\.isRemoval)
        let steps = ChangeSteps(caller: caller, changes: changes, random: engine.random)
        let principals = try await engine.committer.commit(isRemoval: isRemoval) { batch in
            try batch.processTogether(by: caller, steps.run)
        }
        return AppliedChanges(id: id, principals: principals)
    }
}

/// The steps of one apply: its own event first, then one for each change.
private struct ChangeSteps: Sendable {
    let caller: Caller
    let changes: [WorkspaceChange]
    let random: any RandomSource

    /// Makes all changes in `batch`.
    ///
    /// - Returns: The names of the principals that were created, by the index of the change.
    @Sendable
    func run(_ batch: CommitBatch) throws -> [Int: String] {
        let whole = EngineCall(.applyChanges, parameters: [("changes", String(changes.count))]) { context in
            _ = try context.authorize()
        }
        try batch.processStep(whole.event(by: caller), by: caller, whole.work)
        var created: [Int: String] = [:]
        for (index, change) in changes.enumerated() {
            do {
                try make(change, at: index, in: batch, &created)
            } catch var refusal as RefusedStep {
                let number = "Change \(index + 1) of \(changes.count): "
                refusal.error.message = number + refusal.error.message
                var event = whole.event(by: caller)
                event.actor.name = refusal.events.first?.actor.name ?? ""
                event.error = refusal.error
                refusal.events.insert(event, at: 0)
                throw refusal
            }
        }
        return created
    }

    private func make(
        _ change: WorkspaceChange, at index: Int, in batch: CommitBatch, _ created: inout [Int: String]
    ) throws {
        func step<Success>(_ call: EngineCall<Success>) throws -> Success {
            try batch.processStep(call.event(by: caller), by: caller, call.work)
        }
        func name(_ reference: WorkspaceChange.PrincipalReference) -> String {
            switch reference {
            case .named(let name): name
            // What no change creates is nobody's name, and refused as such.
            case .created(let index): created[index] ?? ""
            }
        }
        switch change {
        case .createPrincipal(let kind, let name):
            let principal = try step(
                EngineCall.createPrincipal(kind: kind, name: name, isOnlyOne: true, random: random))
            created[index] = principal.name
        case .addGroupMember(let member, let group):
            try step(EngineCall.addGroupMember(name(member), to: group))
        case .createScope(let scope, let grantsManage):
            try step(
                EngineCall.createScope(CreateScopeRequest(scope: scope), grantsManage: grantsManage, random: random))
        case .setMinimumRedaction(let level, let scope, let previous):
            try step(EngineCall.setMinimumRedaction(level, of: scope, expecting: .exactly(previous)))
        case .putACL(let scope, let principal, let permission, let previous):
            try step(
                EngineCall.putACL(
                    scope: scope, principal: name(principal), permission: permission.description,
                    expecting: .exactly(previous)))
        case .deleteACL(let scope, let principal, let previous):
            try step(EngineCall.deleteACL(scope: scope, principal: principal, expecting: .exactly(previous)))
        case .putSecret(let scope, let key, let value, let previous):
            try step(
                EngineCall.putSecret(scope: scope, key: key, expecting: .exactly(previous), random: random) {
                    () throws(ScopeError) in try value.checkedAsValue()
                })
        case .deleteSecret(let scope, let key, let previous):
            try step(EngineCall.deleteSecret(scope: scope, key: key, expecting: .exactly(previous)))
        }
    }
}

extension Caller {
    /// The same caller, asking as a part of an apply.
    fileprivate func asking(within apply: String) -> Caller {
        var caller = self
        caller.origin.apply = apply
        return caller
    }
}

extension WorkspaceChange {
    /// Whether it takes something away.
    fileprivate var isRemoval: Bool {
        switch self {
        case .deleteACL, .deleteSecret: true
        default: false
        }
    }
}
