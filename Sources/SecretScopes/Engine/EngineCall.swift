/// One operation as the engine does it: what its event says, and the work inside the transaction. A call alone and a step
/// of an apply are made from the same one, so that both decide and record alike.
struct EngineCall<Success: Sendable>: Sendable {
    let operation: Operation
    let scope: String?
    let key: String?
    let parameters: [(name: String, value: String?)]
    let work: @Sendable (OperationContext) throws -> Success

    init(
        _ operation: Operation,
        scope: String? = nil,
        key: String? = nil,
        parameters: [(name: String, value: String?)] = [],
        _ work: @escaping @Sendable (OperationContext) throws -> Success
    ) {
        self.operation = operation
        self.scope = scope
        self.key = key
        self.parameters = parameters
        self.work = work
    }

    /// The event of the call, before its outcome is known.
    func event(by caller: Caller) -> AuditEvent {
        AuditEvent(operation, by: caller, scope: scope, key: key, parameters: parameters)
    }
}

/// What somebody found in the workspace who asks for a change that was planned with it.
enum Expectation<Value: Equatable & Sendable>: Sendable {
    /// Whatever is there is changed.
    case anything
    /// The change is refused when something else is there; `nil` when nothing may be.
    case exactly(Value?)

    /// Throws unless `actual` is what was expected.
    ///
    /// - Parameter what: What it is, in words that begin a sentence.
    func check(_ actual: Value?, _ what: @autoclosure () -> String) throws(ScopeError) {
        guard case .exactly(let expected) = self, expected != actual else { return }
        let change =
            switch (expected, actual) {
            case (nil, _): "appeared"
            case (_, nil): "was removed"
            default: "was changed"
            }
        throw ScopeError(.aborted, "\(what()) \(change) after the plan was made. Plan again.")
    }
}
