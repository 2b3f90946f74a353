/// Answers "who read it" from the summaries, without going through the events.
struct ReadSummaryQuery {
    let store: any ScopeStore

    func readers(scope: String, key: String?) throws -> [ReadSummary] {
        try store.read { reader in
            let lookup = TermCoding.subjectLookup(scope: scope, key: key)
            let terms = try reader.terms(kind: .subject, lookup: lookup, isPrefix: key == nil)
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
        do {
            for row in rows {
                let subject = try TermCoding.decodeSubject(body(row.subject, reader))
                let actor = try TermCoding.decodeActor(body(row.actor, reader))
                let channel = try TermCoding.decodeChannel(body(row.channel, reader))
                let scope = subject.scope ?? ""
                let key = subject.key ?? ""
                let group = Group(
                    scope: scope.lowercased(), key: key.lowercased(), principal: actor.principal, channel: channel)
                var summary =
                    groups[group]
                    ?? ReadSummary(
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
                summary.reads += row.reads
                summary.refusals += row.refusals
                summary.first = min(summary.first, row.first)
                summary.last = max(summary.last, row.last)
                groups[group] = summary
            }
        } catch is MalformedBytes {
            throw IntegrityError(object: "a term of the audit record")
        }
        return groups.values.sorted { left, right in
            (left.scope, left.key, left.principal, left.first.rawValue, left.cell ?? 0)
                < (right.scope, right.key, right.principal, right.first.rawValue, right.cell ?? 0)
        }
    }

    private func body(_ term: Int64, _ reader: any StoreReader) throws -> [UInt8] {
        guard let row = try reader.term(term) else {
            throw IntegrityError(object: "term \(term) of the audit record, which is missing,")
        }
        return row.body
    }
}
