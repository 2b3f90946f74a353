import SecretCrypto

/// Goes through the events in their order, checks that each follows the one before it, and adds up what they say about
/// terms, summaries and rows.
struct RecordReplay {
    /// The sequence of the event that comes next.
    private(set) var next: Int64 = 1
    /// The hash of the last event.
    private(set) var hash: [UInt8] = AuditChain.start
    /// Whether every event so far followed the one before it and could be read.
    private(set) var isIntact = true
    /// The definitions that the events gave.
    var terms: [Int64: TermRow] = [:]
    /// The summaries that the events add up to.
    var summaries = ReadSummaries()
    /// The rows that there must be.
    var rows = ReplayedRows()
    /// What is wrong with the events, each named once.
    private(set) var problems: [String] = []

    private let checkpoint: AuditCheckpoint?
    private var hasher = AuditChain.Hasher()

    /// Creates a replay from the first event on, which also looks for the event that `checkpoint` was made at.
    init(checkpoint: AuditCheckpoint?) {
        self.checkpoint = checkpoint
    }

    /// Takes the next event. One whose sequence is not ``next`` means that events are missing.
    mutating func take(_ event: EventSpan) {
        if event.sequence != next { noteMissing(upTo: event.sequence) }
        next = event.sequence + 1
        let digest = hasher.hash(after: hash, body: event.body)
        hash = digest
        // After the first break every further hash is another one; only the first is told.
        if AuditChain.link(digest) != event.link {
            note("event \(event.sequence) of the audit record was changed or does not follow the one before it")
        }
        collect(event)
        if let checkpoint, checkpoint.events == event.sequence, checkpoint.hash != digest {
            problems.append(
                "the audit record up to event \(event.sequence) is not the one that the checkpoint was made of")
        }
    }

    /// Says that the record ends after `count` events with the hash `end`.
    mutating func finish(events count: Int64, hash end: [UInt8]) {
        if next <= count {
            noteMissing(upTo: count + 1)
        } else if hash != end {
            note("the audit record does not end with the hash that its head says: events were changed or removed")
        }
        if let checkpoint, checkpoint.events > count {
            problems.append(
                "the checkpoint was made of \(checkpoint.events) events, the audit record has \(count): "
                    + "its end was cut off")
        }
    }

    private mutating func note(_ problem: String) {
        if isIntact { problems.append(problem) }
        isIntact = false
    }

    private mutating func noteMissing(upTo end: Int64) {
        let isOne = end - next == 1
        problems.append(
            isOne
                ? "event \(next) of the audit record is missing"
                : "events \(next) to \(end - 1) of the audit record are missing")
        isIntact = false
    }

    // MARK: What events say

    private mutating func collect(_ event: EventSpan) {
        guard let header = try? EventCoding.Header(event.body) else {
            problems.append("event \(event.sequence) of the audit record cannot be read")
            isIntact = false
            return
        }
        if event.subject != header.references.subject {
            problems.append("event \(event.sequence) of the audit record is filed under another subject than its own")
        }
        if header.tellsMore { collectDetails(of: event) }
        if header.operation.showsValues, header.references.subject != 0 {
            summaries.count(header.references, at: header.time, isRefused: header.isRefused)
        }
    }

    private mutating func collectDetails(of event: EventSpan) {
        do throws(MalformedBytes) {
            let decoded = try EventCoding.decode([UInt8](event.body), sequence: event.sequence)
            for term in decoded.definitions { terms[term.id] = term }
            for effect in decoded.event.effects { try rows.apply(effect) }
        } catch {
            problems.append("event \(event.sequence) of the audit record cannot be read")
            isIntact = false
        }
    }
}
