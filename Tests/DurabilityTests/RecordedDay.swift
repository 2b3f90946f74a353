import GRDB
import SecretScopes
import Workspace

/// A day as it was recorded: what was done to the files, what was called and answered, and the record that it left.
struct RecordedDay: Sendable {
    /// The audit record at the day's end.
    let rows: [EventRow]
    let events: [AuditEvent]
    /// The tables as they must be after the first `n` events, for every `n`.
    let tables: [RowCodes]
    let calls: [CallLedger.Call]
    /// The number of events after each transaction, and before the first.
    let boundaries: Set<Int64>
    /// For each event, where in the log its call was made.
    let calledAt: [Int]
    /// For each position in the log up to which events the answers had been given.
    let acknowledged: [Int64]
    /// The values that were put, by version.
    let values: [VersionID: String]

    /// - Parameters:
    ///   - workspace: The workspace at the day's end.
    ///   - entries: The log.
    ///   - boundaries: The number of events after each transaction.
    init(workspace: Workspace, entries: [FileWatch.Entry], calls: [CallLedger.Call], boundaries: Set<Int64>) throws {
        rows = try StoreContents.read(workspace).rows
        events = try StoreContents.events(workspace)
        self.calls = calls
        self.boundaries = boundaries
        var tables: [RowCodes] = [[:]]
        var values: [VersionID: String] = [:]
        var sequences: [Int: Int64] = [:]
        for event in events {
            var codes = tables[tables.count - 1]
            codes.replay(event)
            tables.append(codes)
            guard let number = Self.call(of: event) else { continue }
            sequences[number] = event.sequence
            if event.operation == .putSecret, let version = event.version { values[version.id] = calls[number].value }
        }
        self.tables = tables
        self.values = values

        var calledAt = [Int](repeating: Int.max, count: events.count)
        var acknowledged: [Int64] = [0]
        for (position, entry) in entries.enumerated() {
            var known = acknowledged[position]
            if case .mark(let mark) = entry.event, let sequence = sequences[Int(mark / 2)] {
                if mark.isMultiple(of: 2) {
                    calledAt[Int(sequence) - 1] = position
                } else {
                    known = max(known, sequence)
                }
            }
            acknowledged.append(known)
        }
        self.calledAt = calledAt
        self.acknowledged = acknowledged
    }

    /// The number of the call that the event is of.
    static func call(of event: AuditEvent) -> Int? {
        event.operation == .createWorkspace ? 0 : event.requestID.flatMap { Int($0) }
    }

    /// What is wrong with the day itself: an answer without its event, or an event without its call.
    func problems() -> [String] {
        var problems: [String] = []
        let byCall = Dictionary(grouping: events) { Self.call(of: $0) ?? -1 }
        if let strangers = byCall[-1] { problems.append("\(strangers.count) events are of no call") }
        for (number, call) in calls.enumerated() {
            let events = byCall[number] ?? []
            switch call.answer {
            case .granted where events.count == 1 && events[0].error == nil: break
            case .refused(let error) where events.count == 1 && events[0].error == error: break
            case .failed where events.isEmpty: break
            default: problems.append("call \(number) was answered \(String(describing: call.answer)): \(events)")
            }
            if let returned = call.returned, let version = events.first?.version, events[0].operation == .getSecret,
                values[version.id] != returned
            {
                problems.append("call \(number) read another value than the one that was put")
            }
        }
        return problems
    }
}
