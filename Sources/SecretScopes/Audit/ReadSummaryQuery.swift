/// Answers "who read it" from the summaries, without going through the events.
struct ReadSummaryQuery {
    let store: any ScopeStore
    /// The scope whose reads alone are wanted, whatever others had its name; `nil` for those of any.
    var scope: ScopeID?

    func readers(scope: String, key: String?) throws -> [ReadSummary] {
        try store.read { reader in
            let lookup = TermCoding.subjectLookup(scope: scope, key: key)
            var terms = try reader.terms(kind: .subject, lookup: lookup, isPrefix: key == nil)
            if key != nil {
                // Comparisons stand there for the whole scope.
                let whole = TermCoding.subjectLookup(scope: scope, key: nil)
                terms += try reader.terms(kind: .subject, lookup: whole, isPrefix: false)
            }
            return try summaries(of: reader.readSummaries(subjects: terms.map(\.id)), reader)
        }
    }

    func reads(by principal: String) throws -> [ReadSummary] {
        try store.read { reader in
            let terms = try reader.terms(kind: .actor, lookup: principal.lowercased(), isPrefix: false)
            return try summaries(of: reader.readSummaries(actors: terms.map(\.id)), reader)
        }
    }

    /// Adds up rows that differ only in what a summary does not show, such as who was authenticated.
    private func summaries(of rows: [ReadSummaryRow], _ reader: any StoreReader) throws -> [ReadSummary] {
        struct Group: Hashable {
            var scope: String
            var key: String
            var principal: PrincipalID?
            var channel: AuditEvent.Channel
        }
        var groups: [Group: ReadSummary] = [:]
        var subjects = Terms(reader) { body throws(MalformedBytes) in try TermCoding.decodeSubject(body) }
        var actors = Terms(reader) { body throws(MalformedBytes) in try TermCoding.decodeActor(body) }
        var channels = Terms(reader) { body throws(MalformedBytes) in try TermCoding.decodeChannel(body) }
        for row in rows {
            let subject = try subjects[row.subject]
            guard self.scope == nil || self.scope == subject.scopeID else { continue }
            let actor = try actors[row.actor]
            let channel = try channels[row.channel]
            let scope = subject.scope ?? ""
            let key = subject.key ?? ""
            let group = Group(
                scope: scope.lowercased(), key: key.lowercased(), principal: actor.principal, channel: channel)
            groups[
                group,
                default: ReadSummary(
                    scope: scope,
                    key: key,
                    principal: actor.name,
                    principalID: actor.principal,
                    surface: channel.surface,
                    notebook: channel.notebook,
                    cell: channel.cell,
                    reads: 0,
                    refusals: 0,
                    first: row.first,
                    last: row.last
                )
            ].add(row)
        }
        return groups.values.sorted { $0.precedes($1) }
    }
}

extension ReadSummary {
    /// By scope, key, principal, the first read, and the cell. Member by member: tuples of all of them would be copied
    /// for every comparison.
    fileprivate func precedes(_ other: ReadSummary) -> Bool {
        if scope != other.scope { return scope < other.scope }
        if key != other.key { return key < other.key }
        if principal != other.principal { return principal < other.principal }
        if first != other.first { return first < other.first }
        return (cell ?? 0) < (other.cell ?? 0)
    }

    fileprivate mutating func add(_ row: ReadSummaryRow) {
        reads += row.reads
        refusals += row.refusals
        first = min(first, row.first)
        last = max(last, row.last)
    }
}

/// Terms of one kind by their numbers, each read once: a few of them make up many summaries.
private struct Terms<Term> {
    private let reader: any StoreReader
    private let decode: ([UInt8]) throws(MalformedBytes) -> Term
    private var known: [Int64: Term] = [:]

    init(_ reader: any StoreReader, decode: @escaping ([UInt8]) throws(MalformedBytes) -> Term) {
        self.reader = reader
        self.decode = decode
    }

    subscript(number: Int64) -> Term {
        mutating get throws {
            if let term = known[number] { return term }
            guard let row = try reader.term(number) else {
                throw IntegrityError(object: "term \(number) of the audit record, which is missing,")
            }
            do throws(MalformedBytes) {
                let term = try decode(row.body)
                known[number] = term
                return term
            } catch {
                throw IntegrityError(object: "term \(number) of the audit record")
            }
        }
    }
}
