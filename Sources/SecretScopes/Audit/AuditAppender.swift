import SecretCrypto

/// Appends events to the record inside one write transaction.
///
/// The chain: `hash[n] = SHA-256(hash[n-1] ‖ length of body[n] as 8 bytes ‖ body[n])`, `hash[0]` = 32 zero bytes.
struct AuditAppender {
    /// Where the record ends, with everything appended so far.
    private(set) var head: HeadRow
    private let hasher = AuditChain.Hasher()
    private let terms: TermCache
    private var summaries = ReadSummaries()

    init(head: HeadRow, terms: TermCache) {
        self.head = head
        self.terms = terms
    }

    /// Appends `event`; its sequence is given here, and its time is `now` or that of the event before, if that is later.
    mutating func append(_ event: AuditEvent, at now: Timestamp, in transaction: any StoreTransaction) throws {
        var definitions: [TermRow] = []
        let references = EventCoding.References(
            actor: try number(of: .actor(event.actor), &definitions, transaction),
            origin: try number(of: .origin(event.origin), &definitions, transaction),
            channel: try number(of: .channel(event.channel), &definitions, transaction),
            subject: event.subject.scope == nil ? 0 : try number(of: .subject(event.subject), &definitions, transaction)
        )
        try append(EncodedEvent(event, references, defining: definitions), at: now, in: transaction)
    }

    /// Appends an event whose terms all have their rows; see ``append(_:at:in:)-(AuditEvent,_,_)``.
    mutating func append(_ event: EncodedEvent, at now: Timestamp, in transaction: any StoreTransaction) throws {
        let sequence = head.events + 1
        let time = max(now, head.time)
        let references = event.references
        let body = event.body(at: time)
        let hash = body.withUnsafeBytes { hasher.hash(after: head.hash, body: $0) }
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
        if event.operation.showsValues, references.subject != 0 {
            summaries.count(references, at: time, isRefused: event.isRefused)
        }
    }

    /// Counts a change of the workspace.
    mutating func advanceGeneration() {
        head.generation += 1
    }

    /// Writes what was collected; nothing may be appended after it.
    mutating func finish(sealing authenticator: MessageAuthenticator, in transaction: any StoreTransaction) throws {
        for summary in summaries.rows.values { try transaction.add(summary) }
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
}

/// The chain's arithmetic.
enum AuditChain {
    /// The hash before the first event.
    static let start = [UInt8](repeating: 0, count: SHA256.byteCount)

    /// Computes the hashes of many events in turn.
    final class Hasher {
        private var hasher = SHA256.Hasher()
        private var message: [UInt8] = []

        /// The hash of an event whose predecessor has the hash `previous`.
        func hash(after previous: [UInt8], body: UnsafeRawBufferPointer) -> [UInt8] {
            message.removeAll(keepingCapacity: true)
            message.append(contentsOf: previous)
            withUnsafeBytes(of: UInt64(body.count).bigEndian) { message.append(contentsOf: $0) }
            message.append(contentsOf: body)
            // In one piece: feeding the hasher three times costs more than the copies.
            hasher.update(message.span.bytes)
            return hasher.finalize().bytes
        }
    }

    /// The part of an event's hash that is stored beside it.
    static func link(_ hash: [UInt8]) -> Int64 {
        var link: Int64 = 0
        for byte in hash.prefix(8) { link = link << 8 | Int64(byte) }
        return link
    }
}
