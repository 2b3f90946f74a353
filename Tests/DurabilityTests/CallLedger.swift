import SecretMemory
import SecretScopes
import Synchronization
import Workspace
import WorkspaceFixtures

/// What was called and what was answered. The number of a call is also the request id of its audit event.
final class CallLedger: Sendable {
    enum Answer: Sendable, Equatable {
        case granted
        case refused(ScopeError)
        /// The store could not do it: nothing was acknowledged.
        case failed(ScopeError)
    }

    struct Call: Sendable {
        /// The value of a put.
        var value: String?
        /// The value that a read returned.
        var returned: String?
        var answer: Answer?
    }

    private let state = Mutex<[Call]>([])

    /// All calls; the index is the number.
    var calls: [Call] { state.withLock { $0 } }

    /// Begins a call. `value` is made of its number.
    func begin(_ value: ((Int) -> String)? = nil) -> (number: Int, value: String?) {
        state.withLock { calls in
            let call = Call(value: value?(calls.count))
            calls.append(call)
            return (calls.count - 1, call.value)
        }
    }

    func finish(_ number: Int, _ answer: Answer, returned: String? = nil) {
        state.withLock { calls in
            calls[number].answer = answer
            calls[number].returned = returned
        }
    }
}

/// Calls a workspace's services, with every call and every answer in the ledger and in the log of its files.
struct RecordingCaller: Sendable {
    let workspace: Workspace
    let ledger: CallLedger
    let watch: FileWatch

    /// The marks in the log: a call was made.
    static func calledMark(_ number: Int) -> Int64 { Int64(number) * 2 }
    /// Its answer was handed over.
    static func answeredMark(_ number: Int) -> Int64 { Int64(number) * 2 + 1 }

    private func services(_ number: Int, as principal: String?) throws -> any WorkspaceServices {
        try workspace.services(
            as: principal, runBy: "tester", origin: RequestOrigin(surface: .library, requestID: "\(number)"))
    }

    @discardableResult
    func call(
        as principal: String? = nil,
        value: ((Int) -> String)? = nil,
        _ body: @Sendable (any WorkspaceServices, SecretBytes?) async throws -> String?
    ) async -> CallLedger.Answer {
        let (number, text) = ledger.begin(value)
        watch.mark(Self.calledMark(number))
        var returned: String?
        let answer: CallLedger.Answer
        do {
            let value = text.map { SecretBytes(copying: Array($0.utf8).span.bytes, in: workspace.pool) }
            returned = try await body(services(number, as: principal), value)
            answer = .granted
        } catch let error as ScopeError where error.code != .temporarilyUnavailable {
            answer = .refused(error)
        } catch {
            answer = .failed(error as? ScopeError ?? ScopeError(.internalError, "\(error)"))
        }
        watch.mark(Self.answeredMark(number))
        ledger.finish(number, answer, returned: returned)
        return answer
    }

    @discardableResult
    func put(_ scope: String, _ key: String, size: Int = 0, as principal: String? = nil) async -> CallLedger.Answer {
        await call(as: principal, value: { Self.value($0, size: size) }) { services, value in
            try await services.putSecret(PutSecretRequest(scope: scope, key: key, stringValue: value))
            return nil
        }
    }

    @discardableResult
    func get(_ scope: String, _ key: String, as principal: String? = nil) async -> CallLedger.Answer {
        await call(as: principal) { services, _ in try await services.getSecret(scope: scope, key: key).value.text }
    }

    /// A value that tells which call put it.
    private static func value(_ number: Int, size: Int) -> String {
        let start = "value of call \(number) "
        return start + String(repeating: "x", count: max(0, size - start.utf8.count))
    }
}
