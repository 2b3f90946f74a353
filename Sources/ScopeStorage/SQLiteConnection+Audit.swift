import GRDB
import SecretScopes

extension SQLiteConnection {
    func head() throws -> HeadRow? {
        try row("SELECT events, hash, generation, key_epoch, time, terms, mac FROM head WHERE id = 1") { row in
            HeadRow(
                events: try row.integer(0),
                hash: try row.bytes(1),
                generation: try row.integer(2),
                keyEpoch: try row.integer(3),
                time: try row.timestamp(4),
                terms: try row.integer(5),
                code: try row.bytes(6)
            )
        }
    }

    /// The workspace's generation, whose place in the head is not checked.
    func generation() throws -> Int64? {
        try row("SELECT generation FROM head WHERE id = 1") { try $0.integer(0) }
    }

    func auditKey(epoch: Int64) throws -> AuditKeyRow? {
        try row(
            "SELECT epoch, sealed_key, sealed_signing_seed FROM audit_key WHERE epoch = ?", [epoch.databaseValue]
        ) { row in
            AuditKeyRow(
                epoch: try row.integer(0), sealedKey: try row.bytes(1), sealedSigningSeed: try row.bytes(2))
        }
    }

    func changes(after generation: Int64) throws -> [ChangeRow] {
        try rows(
            "SELECT generation, entries, mac FROM change WHERE generation > ? ORDER BY generation",
            [generation.databaseValue]
        ) { row in
            ChangeRow(generation: try row.integer(0), entries: try row.bytes(1), code: try row.bytes(2))
        }
    }

    // MARK: Events

    private func makeEvent(_ row: Row) throws -> EventRow {
        EventRow(
            sequence: try row.integer(0),
            subject: try row.integer(1),
            link: try row.integer(2),
            body: try row.bytes(3)
        )
    }

    func events(from first: Int64, limit: Int) throws -> [EventRow] {
        try rows(
            "SELECT sequence, subject, link, body FROM event WHERE sequence >= ? ORDER BY sequence LIMIT ?",
            [first.databaseValue, limit.databaseValue],
            makeEvent
        )
    }

    /// Lends the events' bytes: `verify` goes through all of them, and copies would take longer than hashing them.
    func scanEvents(from first: Int64, limit: Int, _ body: (EventSpan) throws -> Void) throws -> Int {
        let statement = try CompiledStatement(
            "SELECT sequence, subject, link, body FROM event WHERE sequence >= ? ORDER BY sequence LIMIT ?",
            in: database
        )
        var count = 0
        try statement.run([first.databaseValue, limit.databaseValue]) { row in
            try body(
                EventSpan(
                    sequence: try row.integer(0),
                    subject: try row.integer(1),
                    link: try row.integer(2),
                    body: try row.lentBytes(3)
                ))
            count += 1
        }
        return count
    }

    func events(before end: Int64, subjects: [Int64]?, limit: Int) throws -> [EventRow] {
        guard let subjects else {
            return try rows(
                "SELECT sequence, subject, link, body FROM event WHERE sequence < ? ORDER BY sequence DESC LIMIT ?",
                [end.databaseValue, limit.databaseValue],
                makeEvent
            )
        }
        var found: [EventRow] = []
        for subject in subjects {
            found += try rows(
                """
                SELECT sequence, subject, link, body FROM event WHERE subject = ? AND subject > 0 AND sequence < ?
                ORDER BY sequence DESC LIMIT ?
                """,
                [subject.databaseValue, end.databaseValue, limit.databaseValue],
                makeEvent
            )
        }
        return Array(found.sorted { $0.sequence > $1.sequence }.prefix(limit))
    }

    // MARK: Terms

    private func makeTerm(_ row: Row) throws -> TermRow {
        TermRow(
            id: try row.integer(0),
            kind: try row.choice(1),
            lookup: try row.optionalText(2),
            body: try row.bytes(3)
        )
    }

    func term(_ id: Int64) throws -> TermRow? {
        try row("SELECT id, kind, lookup, body FROM term WHERE id = ?", [id.databaseValue], makeTerm)
    }

    func termID(kind: TermKind, body: [UInt8]) throws -> Int64? {
        try row(
            "SELECT id FROM term WHERE kind = ? AND body = ?", [kind.rawValue.databaseValue, body.blob]
        ) { try $0.integer(0) }
    }

    func terms(kind: TermKind, lookup: String, isPrefix: Bool) throws -> [TermRow] {
        guard isPrefix else {
            return try rows(
                "SELECT id, kind, lookup, body FROM term WHERE kind = ? AND lookup = ?",
                [kind.rawValue.databaseValue, lookup.databaseValue],
                makeTerm
            )
        }
        // Everything that begins with `lookup` sorts before `lookup` and the highest code point.
        return try rows(
            "SELECT id, kind, lookup, body FROM term WHERE kind = ? AND lookup >= ? AND lookup < ?",
            [kind.rawValue.databaseValue, lookup.databaseValue, (lookup + "\u{10FFFF}").databaseValue],
            makeTerm
        )
    }

    func terms(from first: Int64, limit: Int) throws -> [TermRow] {
        try rows(
            "SELECT id, kind, lookup, body FROM term WHERE id >= ? ORDER BY id LIMIT ?",
            [first.databaseValue, limit.databaseValue],
            makeTerm
        )
    }

    // MARK: Summaries

    private static let summaryColumns = "subject, actor, channel, reads, refusals, first, last"

    private func makeSummary(_ row: Row) throws -> ReadSummaryRow {
        ReadSummaryRow(
            subject: try row.integer(0),
            actor: try row.integer(1),
            channel: try row.integer(2),
            reads: try row.integer(3),
            refusals: try row.integer(4),
            first: try row.timestamp(5),
            last: try row.timestamp(6)
        )
    }

    func readSummaries(subjects: [Int64]) throws -> [ReadSummaryRow] {
        try subjects.flatMap { subject in
            try rows(
                "SELECT \(Self.summaryColumns) FROM read_summary WHERE subject = ?",
                [subject.databaseValue],
                makeSummary
            )
        }
    }

    func readSummaries(actors: [Int64]) throws -> [ReadSummaryRow] {
        try actors.flatMap { actor in
            try rows(
                "SELECT \(Self.summaryColumns) FROM read_summary WHERE actor = ?", [actor.databaseValue], makeSummary)
        }
    }

    func readSummaries() throws -> [ReadSummaryRow] {
        try rows("SELECT \(Self.summaryColumns) FROM read_summary", [], makeSummary)
    }
}
