import SecretCrypto
import Synchronization

/// Appends events to the record inside one write transaction.
///
/// The chain: `hash[n] = SHA-256(hash[n-1] ‖ length of body[n] as 8 bytes ‖ body[n])`, `hash[0]` = 32 zero bytes.
struct AuditAppender: ~Copyable {
    /// Where the record ends, with everything appended so far.
    private(set) var head: HeadRow
    private var chain = AuditChain()
    private let terms: TermCache
    private var summaries: [SummaryKey: ReadSummaryRow] = [:]

    private struct SummaryKey: Hashable {
        var subject: Int64
        var actor: Int64
        var channel: Int64
    }

    init(head: HeadRow, terms: TermCache) {
        self.head = head
        self.terms = terms
    }

    /// Appends `event`; its sequence is given here, and its time is `now` or that of the event before, if that is later.
    mutating func append(_ event: AuditEvent, at now: Timestamp, in transaction: any StoreTransaction) throws {
        let sequence = head.events + 1
        let time = max(now, head.time)
        var definitions: [TermRow] = []
        let references = EventCoding.References(
            actor: try number(of: .actor(event.actor), &definitions, transaction),
            origin: try number(of: .origin(event.origin), &definitions, transaction),
            channel: try number(of: .channel(event.channel), &definitions, transaction),
            subject: event.subject.scope == nil ? 0 : try number(of: .subject(event.subject), &definitions, transaction)
        )
        let body = EventCoding.encode(event, at: time, references, defining: definitions)
        let hash = body.withUnsafeBytes { chain.hash(after: head.hash, body: $0) }
        let row = EventRow(
            sequence: sequence, subject: references.subject, link: AuditChain.link(hash), body: body)
        do {
            try transaction.insert(row)
        } catch {
            guard let error = error as? StoreError, error.code == .conflict else { throw error }
            throw IntegrityError(object: "event \(row.sequence) of the audit record, which stands behind its end,")
        }
        head.events = sequence
        head.hash = hash
        head.time = time
        if event.operation == .getSecret, references.subject != 0 { summarize(event, at: time, references) }
    }

    /// Counts a change of the workspace.
    mutating func advanceGeneration() {
        head.generation += 1
    }

    /// Writes what was collected; nothing may be appended after it.
    mutating func finish(sealing authenticator: MessageAuthenticator, in transaction: any StoreTransaction) throws {
        for summary in summaries.values { try transaction.add(summary) }
        head.code = authenticator.authenticate(head.columns.span.bytes).bytes
        try transaction.save(head)
    }

    private mutating func number(
        of term: TermCache.Term, _ definitions: inout [TermRow], _ transaction: any StoreTransaction
    ) throws -> Int64 {
        if let known = terms.number(of: term) { return known }
        let body = term.body
        if let stored = try transaction.termID(kind: term.kind, body: body) {
            terms.remember(stored, for: term)
            return stored
        }
        head.terms += 1
        let row = TermRow(
            id: head.terms, kind: term.kind, lookup: try TermCoding.lookup(of: term.kind, body: body), body: body)
        try transaction.insert(row)
        definitions.append(row)
        terms.remember(row.id, for: term)
        return row.id
    }

    private mutating func summarize(_ event: AuditEvent, at time: Timestamp, _ references: EventCoding.References) {
        let key = SummaryKey(
            subject: references.subject, actor: references.actor, channel: references.channel)
        summaries[
            key,
            default: ReadSummaryRow(
                subject: key.subject,
                actor: key.actor,
                channel: key.channel,
                reads: 0,
                refusals: 0,
                first: time,
                last: time
            )
        ].count(at: time, isRefused: event.error != nil)
    }
}

extension ReadSummaryRow {
    /// Counts one read, or one that was refused or failed.
    mutating func count(at time: Timestamp, isRefused: Bool) {
        if isRefused { refusals += 1 } else { reads += 1 }
        last = max(last, time)
    }
}

/// The chain's arithmetic, for any number of events one after the other.
struct AuditChain: ~Copyable {
    /// The hash before the first event.
    static let start = [UInt8](repeating: 0, count: SHA256.byteCount)

    private var hasher = SHA256.Hasher()
    private var buffer: [UInt8] = []

    /// The hash of an event whose predecessor has the hash `previous`.
    mutating func hash(after previous: [UInt8], body: UnsafeRawBufferPointer) -> [UInt8] {
        // In one piece, in memory that is used again: feeding a hasher three times costs more than the copies.
        var message: [UInt8] = []
        swap(&message, &buffer)
        defer { swap(&message, &buffer) }
        message.removeAll(keepingCapacity: true)
        message.append(contentsOf: previous)
        withUnsafeBytes(of: UInt64(body.count).bigEndian) { message.append(contentsOf: $0) }
        message.append(contentsOf: body)
        hasher.update(message.span.bytes)
        return hasher.finalize().bytes
    }

    /// The part of an event's hash that is stored beside it.
    static func link(_ hash: [UInt8]) -> Int64 {
        var link: Int64 = 0
        for byte in hash.prefix(8) { link = link << 8 | Int64(byte) }
        return link
    }
}

/// The numbers of terms used lately, so that appending an event seldom has to look for them.
final class TermCache: Sendable {
    enum Term: Hashable, Sendable {
        case actor(AuditEvent.Actor)
        case origin(AuditEvent.Origin)
        case channel(AuditEvent.Channel)
        case subject(AuditEvent.Subject)

        var kind: TermKind {
            switch self {
            case .actor: .actor
            case .origin: .origin
            case .channel: .channel
            case .subject: .subject
            }
        }

        /// Feeds what tells most terms apart; an id stands for what belongs to it.
        func hash(into hasher: inout Hasher) {
            switch self {
            case .actor(let actor):
                hasher.combine(actor.principal)
            case .origin(let origin):
                hasher.combine(origin.session)
                hasher.combine(origin.address)
            case .channel(let channel):
                hasher.combine(channel.notebook)
                hasher.combine(channel.cell)
            case .subject(let subject):
                hasher.combine(subject.secretID)
                guard subject.secretID == nil else { return }
                hasher.combine(subject.scopeID)
                hasher.combine(subject.key)
                if subject.scopeID == nil { hasher.combine(subject.scope) }
            }
        }

        var body: [UInt8] {
            switch self {
            case .actor(let actor): TermCoding.encode(actor)
            case .origin(let origin): TermCoding.encode(origin)
            case .channel(let channel): TermCoding.encode(channel)
            case .subject(let subject): TermCoding.encode(subject)
            }
        }
    }

    private let numbers = Mutex(BoundedCache<Term, Int64>(capacity: 20_000))

    func number(of term: Term) -> Int64? {
        numbers.withLock { $0[term] }
    }

    func remember(_ number: Int64, for term: Term) {
        numbers.withLock { $0.insert(number, for: term, cost: 1) }
    }

    /// Forgets everything, because a transaction that may have added terms was taken back.
    func removeAll() {
        numbers.withLock { $0.removeAll() }
    }
}
