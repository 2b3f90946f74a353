/// Finds events, in short read transactions, so that a long scan holds nobody up.
struct EventScan: Sendable {
    let store: any ScopeStore
    let query: AuditQuery
    /// The scope whose events alone are wanted, whatever others had its name; `nil` for those of any.
    var scope: ScopeID?

    private static let pageSize = 2000

    /// The sequence of the event that comes next.
    func end() throws -> Int64 {
        try store.read { try $0.head()?.events ?? 0 } + 1
    }

    /// The events that match, oldest first; with a limit, the newest ones.
    func newest() throws -> [AuditEvent] {
        try newest(before: end())
    }

    /// The same, as far as they stand before `end`.
    func newest(before end: Int64) throws -> [AuditEvent] {
        let limit = query.limit ?? Int.max
        let first = try query.since.map { try firstSequence(notBefore: $0, end: end) } ?? 1
        var next = try query.until.map { try firstSequence(notBefore: $0, end: end) } ?? end
        if let before = query.before { next = min(next, before) }
        let subjects = try subjects()
        var found: [AuditEvent] = []
        while next > first, found.count < limit {
            let page = try store.read { reader in
                let rows = try reader.events(before: next, subjects: subjects, limit: Self.pageSize)
                return try rows.map { try EventReader(reader).event($0) }
            }
            for event in page where event.sequence >= first && found.count < limit && matches(event) {
                found.append(event)
            }
            guard page.count == Self.pageSize, let last = page.last else { break }
            next = last.sequence
        }
        return found.reversed()
    }

    /// The events that match from `first` on, oldest first, and where to go on.
    func following(_ first: Int64) throws -> (events: [AuditEvent], next: Int64) {
        try store.read { reader in
            let rows = try reader.events(from: first, limit: Self.pageSize)
            let events = try rows.map { try EventReader(reader).event($0) }
            return (events.filter { matches($0) }, rows.last.map { $0.sequence + 1 } ?? first)
        }
    }

    private func matches(_ event: AuditEvent) -> Bool {
        func agrees(_ wanted: String?, _ actual: String?) -> Bool {
            guard let wanted else { return true }
            return wanted.lowercased() == actual?.lowercased()
        }
        return agrees(query.scope, event.subject.scope)
            && (scope == nil || scope == event.subject.scopeID)
            && agrees(query.key, event.subject.key)
            && agrees(query.principal, event.actor.name)
            && agrees(query.apply, event.origin.apply)
            && (query.operation == nil || query.operation == event.operation)
            && (query.status == nil || query.status == event.statusCode)
            && (query.since.map { event.time >= $0 } ?? true)
            && (query.until.map { event.time < $0 } ?? true)
    }

    /// The terms that the wanted scope and key have in the index; `nil` when any will do.
    private func subjects() throws -> [Int64]? {
        guard let scope = query.scope else { return nil }
        return try store.read { reader in
            let lookup = TermCoding.subjectLookup(scope: scope, key: query.key)
            return try reader.terms(kind: .subject, lookup: lookup, isPrefix: query.key == nil).map(\.id)
        }
    }

    /// The first event not before `time`. Event times never go back, so halving finds it.
    private func firstSequence(notBefore time: Timestamp, end: Int64) throws -> Int64 {
        var low: Int64 = 1
        var high = end
        while low < high {
            let middle = low + (high - low) / 2
            let found = try store.read { reader in
                try reader.events(from: middle, limit: 1).first.map { row in
                    try EventCoding.decode(row.body, sequence: row.sequence).event.time
                }
            }
            if let found, found < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Turns rows back into events.
struct EventReader {
    private let reader: any StoreReader

    init(_ reader: any StoreReader) {
        self.reader = reader
    }

    func event(_ row: EventRow) throws -> AuditEvent {
        do {
            let decoded = try EventCoding.decode(row.body, sequence: row.sequence)
            var event = decoded.event
            event.actor = try TermCoding.decodeActor(body(decoded.references.actor))
            event.origin = try TermCoding.decodeOrigin(body(decoded.references.origin))
            event.channel = try TermCoding.decodeChannel(body(decoded.references.channel))
            if decoded.references.subject != 0 {
                event.subject = try TermCoding.decodeSubject(body(decoded.references.subject))
            }
            return event
        } catch is MalformedBytes {
            throw IntegrityError(object: "event \(row.sequence) of the audit record")
        }
    }

    private func body(_ term: Int64) throws -> [UInt8] {
        guard let row = try reader.term(term) else {
            throw IntegrityError(object: "term \(term) of the audit record, which is missing,")
        }
        return row.body
    }
}
