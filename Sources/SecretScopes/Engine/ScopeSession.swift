/// The services of a workspace on behalf of one caller.
///
/// Each operation is one call of ``perform(_:scope:key:parameters:_:)``, or, for reading a value, the read path in
/// `ScopeSession+Reading.swift`.
public final class ScopeSession: RefusalRecorder {
    let engine: ScopeEngine
    let caller: Caller

    init(engine: ScopeEngine, caller: Caller) {
        self.engine = engine
        self.caller = caller
    }

    /// Does `work` in a transaction of its own and records it, granted or refused.
    func perform<Success: Sendable>(
        _ operation: Operation,
        scope: String? = nil,
        key: String? = nil,
        parameters: [(name: String, value: String?)] = [],
        _ work: @escaping @Sendable (OperationContext) throws -> Success
    ) async throws -> Success {
        try await perform(EngineCall(operation, scope: scope, key: key, parameters: parameters, work))
    }

    /// Does a call in a transaction of its own and records it, granted or refused.
    func perform<Success: Sendable>(_ call: EngineCall<Success>) async throws -> Success {
        try await engine.committer.commit(isRemoval: call.operation.isRemoval) { [caller] batch in
            try batch.process(call.event(by: caller), by: caller, call.work)
        }
    }

    /// Records that a request was refused before it reached its service.
    public func recordRefusal(of operation: Operation, error: ScopeError) async throws {
        do {
            try await perform(operation) { context in
                _ = try context.authorize()
                throw error
            }
        } catch let recorded as ScopeError where recorded == error {
            return
        }
    }

    /// Records a request for something that no service offers.
    public func recordUnknownCall(_ target: String, error: ScopeError) async throws {
        do {
            try await perform(.unknownCall, parameters: [("target", target)]) { context in
                _ = try context.identify()
                throw error
            }
        } catch let recorded as ScopeError where recorded == error {
            return
        }
    }
}
