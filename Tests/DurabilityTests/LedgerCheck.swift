import SecretMemory
import Workspace
import WorkspaceFixtures

@testable import SecretScopes

/// Holds a store against what was called and answered: every acknowledged call is in the record exactly once, with the
/// answer that was given; no call twice; the tables are what the record says; all of it verifies.
struct LedgerCheck: Sendable {
    let keyFile: String
    let calls: [CallLedger.Call]

    /// Checks the store in `folder`.
    ///
    /// - Parameters:
    ///   - made: The calls that had been made.
    ///   - answered: Those among them that had been answered, so that their callers rely on it.
    func problems(
        in folder: String, made: (Int) -> Bool = { _ in true }, answered: (Int) -> Bool = { _ in true }
    ) async -> [String] {
        do {
            let pool = SecretPool()
            let workspace = try await Workspace.open(
                folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
            let events = try StoreContents.events(workspace)
            let contents = try StoreContents.read(workspace)
            var problems: [String] = []
            var codes: RowCodes = [:]
            for event in events { codes.replay(event) }
            if codes != contents.codes { problems.append("the tables are not what the record says") }
            if events.count != contents.head { problems.append("the record has another length than its head says") }
            problems += self.problems(in: events, made, answered)
            problems += try await workspace.services(runBy: "checker", origin: RequestOrigin(surface: .library))
                .verify(against: nil) { _, _ in }.problems
            return problems
        } catch {
            return ["\(error)"]
        }
    }

    private func problems(
        in events: [AuditEvent], _ made: (Int) -> Bool, _ answered: (Int) -> Bool
    ) -> [String] {
        var problems: [String] = []
        let events = Dictionary(grouping: events) { $0.requestID.flatMap { Int($0) } ?? -1 }
        for (number, events) in events where number >= 0 {
            if events.count > 1 { problems.append("call \(number) stands in the record \(events.count) times") }
            if !made(number) { problems.append("call \(number) stands in the record and was not made yet") }
        }
        for (number, call) in calls.enumerated() where answered(number) {
            let event = events[number]?.first
            switch call.answer {
            case .granted where event != nil && event?.error == nil: break
            case .refused(let error) where event?.error == error: break
            case .failed(let error) where event == nil || error.isUnconfirmed: break
            default:
                problems.append(
                    "call \(number) was answered \(String(describing: call.answer)), recorded \(String(describing: event))"
                )
            }
        }
        return problems
    }
}

extension ScopeError {
    /// Whether the answer leaves open if the call was done.
    var isUnconfirmed: Bool {
        code == .temporarilyUnavailable && message.contains("shows after a restart")
    }
}
