import DurabilityHistory

/// One line of the audit record, as far as a history is checked against it. Its place in the record is its order.
struct RecordedCall: Sendable, Equatable {
    var id: CallID
    /// The error's code; `nil` when it was done.
    var refusal: String?
    /// The version that was read or written.
    var version: Int64?
}

/// What a key holds.
struct CurrentValue: Sendable, Equatable {
    var version: Int64
    var value: String
}

/// Proves from what callers saw and from the audit record that the store did what it promises.
///
/// The record is taken as the order in which the calls happened. Then: that order fits the times at which the calls
/// were made and answered; every call that was answered is in the record exactly once, with that answer, and one that
/// was cut off at most once; and every answer is the one that follows from the calls before it in the record.
struct HistoryChecker {
    /// What a history can violate.
    enum Rule: String {
        case everyAnswerIsRecordedOnce = "an answered call is in the record exactly once"
        case nothingElseIsRecorded = "the record holds calls that were made, and none twice"
        case answersAreTheRecorded = "what was answered is what was recorded"
        case orderFitsTheTimes = "a call that was answered before another was made stands before it"
        case permissionsHold = "nothing is granted without the permission, nor refused with it"
        case versionsAreMonotone = "versions count up by one"
        case readsSeeTheLastWrite = "a read sees the last value that was put before it"
        case nothingIsLost = "the store holds what the record says"
    }

    struct Violation: Error, Equatable, CustomStringConvertible {
        var rule: Rule
        var detail: String
        var description: String { "\(rule.rawValue): \(detail)" }
    }

    /// One call as its caller saw it.
    private struct Call {
        var action: Action
        var made: UInt64
        /// Missing when the process was killed meanwhile.
        var answer: (answer: Answer, time: UInt64)?
    }

    private let calls: [CallID: Call]
    private let record: [RecordedCall]
    private let values: [String: CurrentValue]

    /// - Parameters:
    ///   - lines: What the workers told.
    ///   - record: The audit record of their calls, in its order.
    ///   - values: What the store holds at the end.
    init(lines: [HistoryLine], record: [RecordedCall], values: [String: CurrentValue]) {
        var calls: [CallID: Call] = [:]
        for line in lines {
            if case .called(let id, let time, let action) = line { calls[id] = Call(action: action, made: time) }
        }
        for line in lines {
            if case .answered(let id, let time, let answer) = line { calls[id]?.answer = (answer, time) }
        }
        self.calls = calls
        self.record = record
        self.values = values
    }

    /// Throws the first violation.
    func check() throws(Violation) {
        try checkPresence()
        try checkOrder()
        try replay()
    }

    // MARK: Each call once

    private func checkPresence() throws(Violation) {
        var recorded: Set<CallID> = []
        for entry in record {
            guard calls[entry.id] != nil else { throw Violation(rule: .nothingElseIsRecorded, detail: "\(entry.id)") }
            guard recorded.insert(entry.id).inserted else {
                throw Violation(rule: .nothingElseIsRecorded, detail: "\(entry.id) twice")
            }
        }
        for (id, call) in calls {
            switch call.answer?.answer {
            case .failed where recorded.contains(id):
                throw Violation(rule: .answersAreTheRecorded, detail: "\(id) failed and is in the record")
            case .value, .done, .refused:
                guard recorded.contains(id) else { throw Violation(rule: .everyAnswerIsRecordedOnce, detail: "\(id)") }
            case .failed, nil: break
            }
        }
    }

    // MARK: The order

    private func checkOrder() throws(Violation) {
        // From the record's end: the earliest answer among the calls that come later.
        var earliest = UInt64.max
        var earliestID: CallID?
        for entry in record.reversed() {
            guard let call = calls[entry.id] else { continue }
            if let earliestID, earliest < call.made {
                throw Violation(
                    rule: .orderFitsTheTimes, detail: "\(earliestID) was answered before \(entry.id) was made")
            }
            if let answer = call.answer, answer.time < earliest {
                earliest = answer.time
                earliestID = entry.id
            }
        }
    }

    // MARK: What follows from the calls before

    fileprivate struct State {
        var permissions: [String: String] = [:]
        var values: [String: CurrentValue] = [:]

        func mayRead(_ principal: String?) -> Bool {
            principal.map { permissions[$0] != nil } ?? true
        }

        func mayWrite(_ principal: String?) -> Bool {
            principal.map { permissions[$0] == "WRITE" } ?? true
        }
    }

    private func replay() throws(Violation) {
        var state = State()
        for entry in record {
            guard let call = calls[entry.id] else { continue }
            let expected = state.refusal(of: call.action)
            guard entry.refusal == expected else {
                throw Violation(
                    rule: .permissionsHold,
                    detail: "\(entry.id) \(call.action): recorded \(entry.refusal ?? "granted"), "
                        + "must be \(expected ?? "granted")")
            }
            if expected == nil { try state.perform(call.action, entry) }
            try checkAnswer(entry, call, state)
        }
        guard state.values == values else {
            throw Violation(rule: .nothingIsLost, detail: "\(values) instead of \(state.values)")
        }
    }

    private func checkAnswer(_ entry: RecordedCall, _ call: Call, _ state: State) throws(Violation) {
        switch (call.answer?.answer, call.action) {
        case (.value(let value, let version), .get(let key, _)) where entry.refusal == nil:
            guard entry.version == version else {
                throw Violation(rule: .answersAreTheRecorded, detail: "\(entry.id): version \(version)")
            }
            guard state.values[key] == CurrentValue(version: version, value: value) else {
                throw Violation(rule: .readsSeeTheLastWrite, detail: "\(entry.id): \(value), version \(version)")
            }
        case (.refused(let code), _) where entry.refusal == code: break
        case (.done, .get): throw Violation(rule: .answersAreTheRecorded, detail: "\(entry.id) read nothing")
        case (.done, _) where entry.refusal == nil: break
        case (nil, _): break
        case (let answer, _):
            throw Violation(
                rule: .answersAreTheRecorded,
                detail: "\(entry.id): \(String(describing: answer)), recorded \(entry.refusal ?? "granted")")
        }
    }
}

extension HistoryChecker.State {
    /// The code that the action must be refused with here; `nil` when it must be done.
    fileprivate func refusal(of action: Action) -> String? {
        switch action {
        case .get(let key, let principal):
            guard mayRead(principal) else { return "PERMISSION_DENIED" }
            return values[key] == nil ? "RESOURCE_DOES_NOT_EXIST" : nil
        case .put(_, _, let principal): return mayWrite(principal) ? nil : "PERMISSION_DENIED"
        case .delete(let key): return values[key] == nil ? "RESOURCE_DOES_NOT_EXIST" : nil
        case .grant: return nil
        case .revoke(let principal): return permissions[principal] == nil ? "RESOURCE_DOES_NOT_EXIST" : nil
        }
    }

    /// Does what was done.
    fileprivate mutating func perform(_ action: Action, _ entry: RecordedCall) throws(HistoryChecker.Violation) {
        switch action {
        case .get(let key, _):
            guard entry.version == values[key]?.version else {
                throw HistoryChecker.Violation(
                    rule: .readsSeeTheLastWrite, detail: "\(entry.id) read version \(entry.version ?? 0)")
            }
        case .put(let key, let value, _):
            let version = (values[key]?.version ?? 0) + 1
            guard entry.version == version else {
                throw HistoryChecker.Violation(
                    rule: .versionsAreMonotone,
                    detail: "\(entry.id) made version \(entry.version ?? 0) of \(key), not \(version)")
            }
            values[key] = CurrentValue(version: version, value: value)
        case .delete(let key): values[key] = nil
        case .grant(let principal, let permission): permissions[principal] = permission
        case .revoke(let principal): permissions[principal] = nil
        }
    }
}
