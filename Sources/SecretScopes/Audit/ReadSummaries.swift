/// What reads add up to, by subject, actor and channel. The appender and `verify` both count with it, so that they agree.
struct ReadSummaries {
    /// A summary's place.
    struct Key: Hashable {
        var subject: Int64
        var actor: Int64
        var channel: Int64
    }

    private(set) var rows: [Key: ReadSummaryRow] = [:]

    /// Counts one read, or one that was refused or failed.
    mutating func count(_ references: EventCoding.References, at time: Timestamp, isRefused: Bool) {
        let key = Key(subject: references.subject, actor: references.actor, channel: references.channel)
        var row =
            rows[key]
            ?? ReadSummaryRow(
                subject: key.subject,
                actor: key.actor,
                channel: key.channel,
                reads: 0,
                refusals: 0,
                first: time,
                last: time
            )
        if isRefused { row.refusals += 1 } else { row.reads += 1 }
        row.last = max(row.last, time)
        rows[key] = row
    }

    /// Takes out the summary of the place that `row` has.
    mutating func take(at row: ReadSummaryRow) -> ReadSummaryRow? {
        rows.removeValue(forKey: Key(subject: row.subject, actor: row.actor, channel: row.channel))
    }
}
