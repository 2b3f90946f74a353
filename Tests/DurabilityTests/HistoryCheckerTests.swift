import DurabilityHistory
import Testing

@Suite("The checker of histories rejects bad ones")
struct HistoryCheckerTests {
    /// A history made by hand: calls one after the other, in the order of the record unless it is changed.
    struct History: Sendable {
        var lines: [HistoryLine] = []
        var record: [RecordedCall] = []
        var values: [String: CurrentValue] = [:]
        private var time: UInt64 = 0

        static func id(_ number: Int) -> CallID { CallID(process: "w0", number: number) }

        mutating func call(_ action: Action, _ answer: Answer?, version: Int64? = nil, isRecorded: Bool = true) {
            let id = Self.id(lines.count(where: { if case .called = $0 { true } else { false } }))
            lines.append(.called(id, at: time, action))
            time += 10
            if let answer { lines.append(.answered(id, at: time, answer)) }
            time += 10
            var refusal: String?
            if case .refused(let code) = answer { refusal = code }
            if isRecorded { record.append(RecordedCall(id: id, refusal: refusal, version: version)) }
        }

        /// Everything that workers do, done right.
        static let good: History = {
            let ana = SharedWorkspace.principals[0]
            var history = History()
            history.call(.put(key: "alpha", value: "one", principal: nil), .done, version: 1)
            history.call(.get(key: "alpha", principal: ana), .refused("PERMISSION_DENIED"))
            history.call(.grant(principal: ana, permission: "READ"), .done)
            history.call(.get(key: "alpha", principal: ana), .value("one", version: 1), version: 1)
            history.call(.put(key: "alpha", value: "two", principal: ana), .refused("PERMISSION_DENIED"))
            history.call(.put(key: "alpha", value: "three", principal: nil), .done, version: 2)
            history.call(.get(key: "alpha", principal: nil), .value("three", version: 2), version: 2)
            history.call(.revoke(principal: ana), .done)
            history.call(.get(key: "alpha", principal: ana), .refused("PERMISSION_DENIED"))
            // Cut off by a kill, once before and once after its transaction.
            history.call(.put(key: "beta", value: "lost", principal: nil), nil, isRecorded: false)
            history.call(.put(key: "beta", value: "kept", principal: nil), nil, version: 1)
            history.call(.delete(key: "gamma"), .refused("RESOURCE_DOES_NOT_EXIST"))
            history.call(.get(key: "alpha", principal: nil), .failed("the disk is full"), isRecorded: false)
            history.values = [
                "alpha": CurrentValue(version: 2, value: "three"), "beta": CurrentValue(version: 1, value: "kept"),
            ]
            return history
        }()

        func check() throws {
            try HistoryChecker(lines: lines, record: record, values: values).check()
        }
    }

    @Test func aGoodHistoryPasses() throws {
        try History.good.check()
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var what: String
        var rule: HistoryChecker.Rule
        var spoil: @Sendable (inout History) -> Void
        var testDescription: String { what }
    }

    private static func answer(_ number: Int, _ answer: Answer) -> @Sendable (inout History) -> Void {
        { history in
            for (index, line) in history.lines.enumerated() {
                if case .answered(History.id(number), let time, _) = line {
                    history.lines[index] = .answered(History.id(number), at: time, answer)
                }
            }
        }
    }

    static let bad: [Bad] = [
        Bad(what: "an acknowledged write is lost", rule: .everyAnswerIsRecordedOnce) { $0.record.remove(at: 5) },
        Bad(what: "a refusal is not recorded", rule: .everyAnswerIsRecordedOnce) { $0.record.remove(at: 1) },
        Bad(what: "a call is recorded twice", rule: .nothingElseIsRecorded) { $0.record.append($0.record[3]) },
        Bad(what: "a cut-off call is recorded twice", rule: .nothingElseIsRecorded) { history in
            history.record.append(history.record[9])
        },
        Bad(what: "a call that nobody made", rule: .nothingElseIsRecorded) { history in
            history.record.append(RecordedCall(id: CallID(process: "w9", number: 1)))
        },
        Bad(what: "a call that failed is recorded", rule: .answersAreTheRecorded) { history in
            history.record.append(RecordedCall(id: History.id(12), version: 2))
        },
        Bad(what: "a refusal that was recorded as granted", rule: .permissionsHold) { $0.record[1].refusal = nil },
        Bad(what: "a read that was granted and recorded as refused", rule: .permissionsHold) { history in
            history.record[3].refusal = "PERMISSION_DENIED"
        },
        Bad(
            what: "a read granted, but answered with a refusal", rule: .answersAreTheRecorded,
            spoil: answer(3, .refused("PERMISSION_DENIED"))),
        Bad(
            what: "a refusal answered with a value", rule: .answersAreTheRecorded,
            spoil: answer(8, .value("three", version: 2))),
        Bad(what: "a read ordered after its revocation", rule: .permissionsHold) { history in
            // Made before the revocation was answered, so that the times alone do not tell.
            for (index, line) in history.lines.enumerated() {
                if case .called(History.id(8), _, let action) = line {
                    history.lines[index] = .called(History.id(8), at: 0, action)
                }
            }
            history.record[8] = RecordedCall(id: History.id(8), version: 2)
            answer(8, .value("three", version: 2))(&history)
        },
        Bad(what: "a later call before an earlier one", rule: .orderFitsTheTimes) { $0.record.swapAt(1, 3) },
        Bad(what: "a write before a read that was answered earlier", rule: .orderFitsTheTimes) { history in
            history.record.swapAt(5, 6)
        },
        Bad(what: "a version that is not the next", rule: .versionsAreMonotone) { $0.record[5].version = 3 },
        Bad(what: "a version that comes again", rule: .versionsAreMonotone) { $0.record[5].version = 1 },
        Bad(what: "a read of an older version", rule: .readsSeeTheLastWrite) { history in
            history.record[6].version = 1
            answer(6, .value("one", version: 1))(&history)
        },
        Bad(what: "a read of another value", rule: .readsSeeTheLastWrite, spoil: answer(6, .value("two", version: 2))),
        Bad(
            what: "a read of another version than recorded", rule: .answersAreTheRecorded,
            spoil: answer(6, .value("one", version: 1))),
        Bad(what: "a store that lost a write", rule: .nothingIsLost) { history in
            history.values["alpha"] = CurrentValue(version: 1, value: "one")
        },
        Bad(what: "a store that lost a cut-off write that was recorded", rule: .nothingIsLost) {
            $0.values["beta"] = nil
        },
        Bad(what: "a store that has a value from nowhere", rule: .nothingIsLost) { history in
            history.values["gamma"] = CurrentValue(version: 1, value: "?")
        },
    ]

    @Test(arguments: bad)
    func isRejected(_ bad: Bad) {
        var history = History.good
        bad.spoil(&history)
        do {
            try history.check()
            Issue.record("it passed")
        } catch {
            #expect((error as? HistoryChecker.Violation)?.rule == bad.rule, "\(error)")
        }
    }

    @Test(arguments: [
        HistoryLine.called(CallID(process: "w1", number: 7), at: 12, .get(key: "alpha", principal: nil)),
        .called(
            CallID(process: "w1", number: 7), at: 12, .put(key: "alpha", value: "v 1", principal: "ana@example.com")),
        .called(CallID(process: "w1", number: 7), at: 12, .delete(key: "alpha")),
        .called(CallID(process: "w1", number: 7), at: 12, .grant(principal: "ana@example.com", permission: "READ")),
        .called(CallID(process: "w1", number: 7), at: 12, .revoke(principal: "ana@example.com")),
        .answered(CallID(process: "w1", number: 7), at: 12, .value("v 1", version: 3)),
        .answered(CallID(process: "w1", number: 7), at: 12, .done),
        .answered(CallID(process: "w1", number: 7), at: 12, .refused("PERMISSION_DENIED")),
        .answered(CallID(process: "w1", number: 7), at: 12, .failed("the disk is full")),
    ])
    func linesAreReadAsTheyWereWritten(_ line: HistoryLine) {
        #expect(HistoryLine("\(line)") == line)
    }
}
