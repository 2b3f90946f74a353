import Dispatch
import SecretScopes
import Synchronization

/// A store whose write transactions wait until they are let in, so that callers gather behind them.
final class GatedStore: ScopeStore {
    private let store: any ScopeStore
    private let gate = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var waiting = false
        var beforeNext: [@Sendable () -> Void] = []
    }

    init(_ store: any ScopeStore) {
        self.store = store
    }

    /// From now on transactions wait.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Whether a transaction waits.
    var isOccupied: Bool { state.withLock { $0.waiting } }

    /// Lets the waiting transaction in, and does `body` before the one after it.
    func open(beforeNext body: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.isClosed = false
            state.beforeNext = [{}, body]
        }
        gate.signal()
    }

    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try store.read(body)
    }

    func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        let mustWait = state.withLock { state in
            state.waiting = state.isClosed
            return state.isClosed
        }
        if mustWait { gate.wait() }
        let before = state.withLock { state in
            state.waiting = false
            return state.beforeNext.isEmpty ? nil : state.beforeNext.removeFirst()
        }
        before?()
        return try store.write(body)
    }
}
