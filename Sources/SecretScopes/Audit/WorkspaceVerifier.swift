import SecretCrypto

/// Checks a whole workspace: the chain of events against the head, the terms and summaries against the events, every
/// row against its MAC, every value against its place.
///
/// It goes on after what it finds, so that one run names everything that can be told apart.
struct WorkspaceVerifier {
    private let engine: ScopeEngine
    private var problems: [String] = []
    private var rows: Int64 = 0
    /// The definitions that the events gave.
    private var terms: [Int64: TermRow] = [:]
    /// The summaries that the events add up to.
    private var summaries: [ReadSummaryKey: ReadSummaryRow] = [:]

    private static let pageSize = 4000
    private static let mostProblems = 1000

    private struct ReadSummaryKey: Hashable {
        var subject: Int64
        var actor: Int64
        var channel: Int64
    }

    init(engine: ScopeEngine) {
        self.engine = engine
    }

    mutating func verify(
        against checkpoint: AuditCheckpoint?, progress: (Int64, Int64) -> Void
    ) throws -> AuditVerification {
        // Events come in while the check runs; what is checked is the record up to this head.
        let head: HeadRow? = try engine.store.read { reader in
            do {
                return try engine.heads.verifiedHead(reader, keys: engine.keys)
            } catch let error as IntegrityError {
                note(error.description)
                return try reader.head()
            }
        }
        let chainEnd = try verifyChain(to: head, checkpoint, progress)
        try verifyTerms(head)
        try verifySummaries(head)
        try verifyRows()
        return AuditVerification(
            events: head?.events ?? 0, rows: rows, hash: Hexadecimal.encode(chainEnd), problems: problems)
    }

    private mutating func note(_ problem: String) {
        if problems.count < Self.mostProblems, !problems.contains(problem) { problems.append(problem) }
    }

    // MARK: The chain

    private mutating func verifyChain(
        to head: HeadRow?, _ checkpoint: AuditCheckpoint?, _ progress: (Int64, Int64) -> Void
    ) throws -> [UInt8] {
        if let checkpoint { verifySignature(checkpoint) }
        let count = head?.events ?? 0
        var hash = AuditChain.start
        var next: Int64 = 1
        var isUnbroken = true
        while true {
            let page = try engine.store.read { try $0.events(from: next, limit: Self.pageSize) }
            for row in page where row.sequence <= count {
                if row.sequence != next {
                    note(missing(next..<row.sequence))
                    isUnbroken = false
                }
                next = row.sequence + 1
                hash = AuditChain.hash(after: hash, body: row.body)
                if isUnbroken, AuditChain.link(hash) != row.link {
                    note("event \(row.sequence) of the audit record was changed or does not follow the one before it")
                    isUnbroken = false
                }
                collect(row)
                if let checkpoint, checkpoint.events == row.sequence, checkpoint.hash != hash {
                    note("the audit record up to event \(row.sequence) is not the one that the checkpoint was made of")
                }
            }
            progress(min(next - 1, count), count)
            guard page.count == Self.pageSize, next <= count else {
                try noteInsertedEvents(after: count)
                break
            }
        }
        if next <= count {
            note(missing(next..<count + 1))
        } else if isUnbroken, let head, head.hash != hash {
            note("the audit record does not end with the hash that its head says: events were changed or removed")
        }
        if let checkpoint, checkpoint.events > count {
            note(
                "the checkpoint was made of \(checkpoint.events) events, the audit record has \(count): "
                    + "its end was cut off")
        }
        return hash
    }

    private func missing(_ range: Range<Int64>) -> String {
        range.count == 1
            ? "event \(range.lowerBound) of the audit record is missing"
            : "events \(range.lowerBound) to \(range.upperBound - 1) of the audit record are missing"
    }

    /// Names events behind the end. Those that were committed since the head was read are no problem.
    private mutating func noteInsertedEvents(after count: Int64) throws {
        let (rows, present) = try engine.store.read { reader in
            (try reader.events(from: count + 1, limit: Self.pageSize), try reader.head()?.events ?? 0)
        }
        for row in rows where row.sequence > present {
            note("event \(row.sequence) of the audit record stands behind its end: it was inserted")
        }
    }

    private mutating func verifySignature(_ checkpoint: AuditCheckpoint) {
        if checkpoint.workspace != engine.workspace {
            note("the checkpoint belongs to another workspace, \(checkpoint.workspace)")
        } else if !checkpoint.hasValidSignature {
            note("the checkpoint's signature is not valid")
        }
    }

    /// Keeps what an event says about terms and reads.
    private mutating func collect(_ row: EventRow) {
        guard let decoded = try? EventCoding.decode(row.body, sequence: row.sequence) else {
            note("event \(row.sequence) of the audit record cannot be read")
            return
        }
        for term in decoded.definitions { terms[term.id] = term }
        if row.subject != decoded.references.subject {
            note("event \(row.sequence) of the audit record is filed under another subject than its own")
        }
        guard decoded.event.operation == .getSecret, decoded.references.subject != 0 else { return }
        let references = decoded.references
        let key = ReadSummaryKey(
            subject: references.subject, actor: references.actor, channel: references.channel)
        summaries[
            key,
            default: ReadSummaryRow(
                subject: key.subject,
                actor: key.actor,
                channel: key.channel,
                reads: 0,
                refusals: 0,
                first: decoded.event.time,
                last: decoded.event.time
            )
        ].count(decoded.event)
    }

    // MARK: What is derived from the events

    private mutating func verifyTerms(_ head: HeadRow?) throws {
        var next: Int64 = 1
        while true {
            let page = try engine.store.read { try $0.terms(from: next, limit: Self.pageSize) }
            for row in page where row.id <= head?.terms ?? 0 {
                rows += 1
                if terms[row.id] != row {
                    note("term \(row.id) of the audit record is not what the events define")
                }
                terms[row.id] = nil
            }
            guard page.count == Self.pageSize, let last = page.last else { break }
            next = last.id + 1
        }
        for id in terms.keys.sorted() { note("term \(id) of the audit record is missing") }
    }

    private mutating func verifySummaries(_ head: HeadRow?) throws {
        let (stored, present) = try engine.store.read { (try $0.readSummaries(), try $0.head()) }
        // Summaries move on with the events; they can only be compared while nobody reads.
        guard present == head else { return }
        for row in stored {
            rows += 1
            let key = ReadSummaryKey(subject: row.subject, actor: row.actor, channel: row.channel)
            if summaries[key] != row {
                note(
                    "the summary of reads of subject \(row.subject) by actor \(row.actor) is not what the events "
                        + "add up to")
            }
            summaries[key] = nil
        }
        for key in summaries.keys {
            note("the summary of reads of subject \(key.subject) by actor \(key.actor) is missing")
        }
    }

    // MARK: Rows and values

    private mutating func verifyRows() throws {
        try engine.store.read { reader in
            if let row = try reader.workspace() { check(row) }
            for row in try reader.principals(of: nil) { check(row) }
            for row in try reader.memberships() { check(row) }
            for row in try reader.credentials() { check(row) }
            for row in try reader.grants() { check(row) }
            for row in try reader.changes(after: 0) { check(row) }
        }
        let scopes = try engine.store.read { try $0.scopes() }
        for scope in scopes {
            check(scope)
            // One scope at a time, so that writers are not held up.
            try engine.store.read { reader in
                for secret in try reader.secrets(in: scope.id) {
                    check(secret)
                    try checkVersions(of: secret, in: scope, reader)
                }
            }
        }
    }

    private mutating func check(_ row: some AuthenticatedRow) {
        rows += 1
        if !engine.keys.isAuthentic(row) { note(IntegrityError(object: row.label).description) }
    }

    private mutating func checkVersions(of secret: SecretRow, in scope: ScopeRow, _ reader: any StoreReader) throws {
        let versions = try reader.versions(of: secret.id)
        for version in versions {
            rows += 1
            do {
                _ = try engine.keys.open(version, of: scope)
            } catch {
                note(IntegrityError(object: "\(version.label), scope \(scope.name), key \(secret.name),").description)
            }
        }
        if !versions.contains(where: { $0.id == secret.currentVersion }) {
            note("the current version of key \(secret.name) in scope \(scope.name) is missing")
        }
    }
}
