import SecretCrypto

/// Checks a whole workspace: the chain of events against the head, the terms, summaries and rows against what the
/// events add up to, every row against its MAC, every value against its place.
///
/// It goes on after what it finds, so that one run names everything that can be told apart. Most events are read in
/// short transactions, so that a long record holds nobody up; the rest of them and all rows in one snapshot, so that
/// what is compared belongs together.
struct WorkspaceVerifier {
    private let engine: ScopeEngine
    private let progress: (Int64, Int64) -> Void
    private var replay: RecordReplay
    private var problems: [String] = []
    private var rows: Int64 = 0
    private var allRows: Int64 = 0

    private static let pageSize = 4000
    private static let mostProblems = 1000

    /// Creates a verifier that tells `progress` how many of how many events and rows it has checked.
    init(engine: ScopeEngine, checkpoint: AuditCheckpoint?, progress: @escaping (Int64, Int64) -> Void) {
        self.engine = engine
        self.progress = progress
        self.replay = RecordReplay(checkpoint: checkpoint)
        if let checkpoint { checkSignature(of: checkpoint) }
    }

    mutating func verify() throws -> AuditVerification {
        let (end, count) = try engine.store.read { (try $0.head()?.events ?? 0, try $0.rowCount()) }
        allRows = count
        // The last page is left to the snapshot, in which the record may have grown.
        while replay.next + Int64(Self.pageSize) <= end {
            guard try engine.store.read({ try takePage(from: $0, upTo: end) }) > 0 else { break }
        }
        return try engine.store.read { try verifySnapshot($0) }
    }

    private mutating func note(_ problem: String) {
        if problems.count < Self.mostProblems, !problems.contains(problem) { problems.append(problem) }
    }

    private mutating func checkSignature(of checkpoint: AuditCheckpoint) {
        if checkpoint.workspace != engine.workspace {
            note("the checkpoint belongs to another workspace, \(checkpoint.workspace)")
        } else if !checkpoint.hasValidSignature {
            note("the checkpoint's signature is not valid")
        }
    }

    // MARK: The record

    /// Takes the next events, at most a page of them and none behind `end`; returns how many there were.
    private mutating func takePage(from reader: any StoreReader, upTo end: Int64) throws -> Int {
        guard replay.next <= end else { return 0 }
        let limit = Int(min(Int64(Self.pageSize), end - replay.next + 1))
        let count = try reader.scanEvents(from: replay.next, limit: limit) { event in
            if event.sequence <= end { replay.take(event) }
        }
        progress(replay.next - 1, end + allRows)
        return count
    }

    private mutating func verifySnapshot(_ reader: any StoreReader) throws -> AuditVerification {
        let head = try verifiedHead(reader)
        let end = head?.events ?? 0
        while try takePage(from: reader, upTo: end) > 0 {}
        replay.finish(events: end, hash: head?.hash ?? AuditChain.start)
        for problem in replay.problems { note(problem) }
        _ = try reader.scanEvents(from: end + 1, limit: Self.pageSize) { event in
            note("event \(event.sequence) of the audit record stands behind its end: it was inserted")
        }
        try verifyTerms(reader, count: head?.terms ?? 0)
        try verifySummaries(reader)
        allRows = try reader.rowCount()
        try verifyRows(reader)
        return AuditVerification(
            events: end, rows: rows, hash: Hexadecimal.encode(replay.hash), problems: problems)
    }

    /// The head; one whose MAC is wrong is named, and then checked all the same.
    private mutating func verifiedHead(_ reader: any StoreReader) throws -> HeadRow? {
        do {
            return try engine.heads.verifiedHead(reader, keys: engine.keys)
        } catch let error as IntegrityError {
            note(error.description)
            return try reader.head()
        }
    }

    private mutating func verifyTerms(_ reader: any StoreReader, count: Int64) throws {
        var next: Int64 = 1
        while true {
            let page = try reader.terms(from: next, limit: Self.pageSize)
            for row in page {
                rows += 1
                if replay.terms.removeValue(forKey: row.id) != row {
                    note("term \(row.id) of the audit record is not what the events define")
                }
            }
            guard page.count == Self.pageSize, let last = page.last else { break }
            next = last.id + 1
        }
        for id in replay.terms.keys.sorted() { note("term \(id) of the audit record is missing") }
    }

    private mutating func verifySummaries(_ reader: any StoreReader) throws {
        for row in try reader.readSummaries() {
            rows += 1
            if replay.summaries.take(at: row) != row {
                note(
                    "the summary of reads of subject \(row.subject) by actor \(row.actor) is not what the events "
                        + "add up to")
            }
        }
        for key in replay.summaries.rows.keys {
            note("the summary of reads of subject \(key.subject) by actor \(key.actor) is missing")
        }
    }

    // MARK: Rows and values

    private mutating func verifyRows(_ reader: any StoreReader) throws {
        if let row = try reader.workspace() { check(row, at: .workspace(row.id)) }
        for row in try reader.principals(of: nil) { check(row, at: .principal(row.id)) }
        for row in try reader.memberships() { check(row, at: .membership(group: row.group, member: row.member)) }
        for row in try reader.credentials() { check(row, at: .credential(row.id)) }
        for row in try reader.grants() { check(row, at: .grant(scope: row.scope, principal: row.principal)) }
        for row in try reader.changes(after: 0) { checkCode(of: row) }
        for scope in try reader.scopes() {
            check(scope, at: .scope(scope.id))
            for secret in try reader.secrets(in: scope.id) {
                check(secret, at: .secret(scope: scope.id, id: secret.id))
                try checkVersions(of: secret, in: scope, reader)
            }
            progress(replay.next - 1 + min(rows, allRows), replay.next - 1 + allRows)
        }
        for problem in try reader.structureProblems() { note(problem) }
        for row in try reader.misfiledRows() {
            note(IntegrityError(object: "the name that \(row) is found by").description)
        }
        guard replay.isIntact else {
            note("the rows could not be held against the audit record, because the record itself was altered")
            return
        }
        for place in replay.rows.missing.map(\.description).sorted() {
            note("\(place) is missing: it was removed outside Hush")
        }
    }

    private mutating func check(_ row: some AuthenticatedRow, at place: RowPlace) {
        let finding = replay.rows.compare(place, code: row.code)
        guard checkCode(of: row), replay.isIntact else { return }
        note(finding, row.label)
    }

    /// Whether a row's MAC is right.
    @discardableResult
    private mutating func checkCode(of row: some AuthenticatedRow) -> Bool {
        rows += 1
        guard !engine.keys.isAuthentic(row) else { return true }
        note(IntegrityError(object: row.label).description)
        return false
    }

    /// Names an authentic row that is not the one that must be there.
    private mutating func note(_ finding: ReplayedRows.Finding, _ label: String) {
        switch finding {
        case .current: return
        case .older: note("\(label) is an older one than the audit record tells of: it was put back outside Hush")
        case .unknown: note("\(label) was deleted, as the audit record tells, and put back outside Hush")
        }
    }

    private mutating func checkVersions(of secret: SecretRow, in scope: ScopeRow, _ reader: any StoreReader) throws {
        let versions = try reader.versions(of: secret.id)
        for version in versions {
            rows += 1
            let label = "\(version.label), scope \(scope.name), key \(secret.name),"
            let place = RowPlace.version(scope: version.scope, secret: version.secret, id: version.id)
            let finding = replay.rows.compare(place, code: SHA256.hash(version.sealed.span.bytes).bytes)
            do {
                _ = try engine.keys.open(version, of: scope)
                if replay.isIntact { note(finding, label) }
            } catch {
                note(IntegrityError(object: label).description)
            }
        }
        if !versions.contains(where: { $0.id == secret.currentVersion }) {
            note("the current version of key \(secret.name) in scope \(scope.name) is missing")
        }
    }
}
