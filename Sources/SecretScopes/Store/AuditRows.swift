/// Where the audit record ends. There is one such row; its MAC is made with the audit key of its epoch.
package struct HeadRow: Sendable, Hashable {
    /// How many events there are.
    package var events: Int64
    /// The hash of the last event, which covers all before it.
    package var hash: [UInt8]
    /// The workspace's generation: how many changes there were.
    package var generation: Int64
    /// Which audit key the MAC was made with.
    package var keyEpoch: Int64
    /// When the last event was committed.
    package var time: Timestamp
    /// How many terms there are.
    package var terms: Int64
    /// The MAC.
    package var code: [UInt8] = []

    package init(
        events: Int64,
        hash: [UInt8],
        generation: Int64,
        keyEpoch: Int64,
        time: Timestamp,
        terms: Int64,
        code: [UInt8] = []
    ) {
        self.events = events
        self.hash = hash
        self.generation = generation
        self.keyEpoch = keyEpoch
        self.time = time
        self.terms = terms
        self.code = code
    }

    /// What the MAC covers.
    var columns: [UInt8] {
        var writer = ByteWriter()
        writer.write("hush audit head v1")
        writer.write(events)
        writer.write(hash)
        writer.write(generation)
        writer.write(keyEpoch)
        writer.write(time.rawValue)
        writer.write(terms)
        return writer.bytes
    }
}

/// One event as it is stored: its canonical bytes once, its subject for the one index, and the beginning of its hash,
/// by which a changed event can be named.
package struct EventRow: Sendable, Hashable {
    /// The position, from 1, without gaps.
    package var sequence: Int64
    /// The term that says what the event is about; 0 for none.
    package var subject: Int64
    /// The first eight bytes of the event's hash.
    package var link: Int64
    /// The canonical bytes.
    package var body: [UInt8]

    package init(sequence: Int64, subject: Int64, link: Int64, body: [UInt8]) {
        self.sequence = sequence
        self.subject = subject
        self.link = link
        self.body = body
    }
}

/// One event as it is stored, lent for the duration of a call.
package struct EventSpan {
    /// The position, from 1, without gaps.
    package var sequence: Int64
    /// The term that says what the event is about; 0 for none.
    package var subject: Int64
    /// The first eight bytes of the event's hash.
    package var link: Int64
    /// The canonical bytes, which are gone when the call ends.
    package var body: UnsafeRawBufferPointer

    package init(sequence: Int64, subject: Int64, link: Int64, body: UnsafeRawBufferPointer) {
        self.sequence = sequence
        self.subject = subject
        self.link = link
        self.body = body
    }
}

/// The kinds of terms. The raw values stand in the store and never change.
package enum TermKind: UInt8, Sendable, Hashable, CaseIterable {
    /// An ``AuditEvent/Actor``.
    case actor = 1
    /// An ``AuditEvent/Origin``.
    case origin = 2
    /// An ``AuditEvent/Channel``.
    case channel = 3
    /// An ``AuditEvent/Subject``.
    case subject = 4
}

/// Something that many events say alike, stored once. The first event that uses a term carries its definition, so the
/// chain covers it; the row is only for finding it.
package struct TermRow: Sendable, Hashable {
    /// The number by which events refer to it, from 1.
    package var id: Int64
    /// The kind.
    package var kind: TermKind
    /// By what queries look for it: for an actor the principal's folded name, for a subject ``TermRow/subjectLookup(scope:key:)``.
    package var lookup: String?
    /// The canonical bytes.
    package var body: [UInt8]

    package init(id: Int64, kind: TermKind, lookup: String?, body: [UInt8]) {
        self.id = id
        self.kind = kind
        self.lookup = lookup
        self.body = body
    }
}

/// How often an actor read a secret through a channel. Derived from the events and checked against them by `verify`.
package struct ReadSummaryRow: Sendable, Hashable {
    /// The subject's term.
    package var subject: Int64
    /// The actor's term.
    package var actor: Int64
    /// The channel's term.
    package var channel: Int64
    /// Granted reads.
    package var reads: Int64
    /// Refused or failed reads.
    package var refusals: Int64
    /// When the first was.
    package var first: Timestamp
    /// When the last was.
    package var last: Timestamp

    package init(
        subject: Int64,
        actor: Int64,
        channel: Int64,
        reads: Int64,
        refusals: Int64,
        first: Timestamp,
        last: Timestamp
    ) {
        self.subject = subject
        self.actor = actor
        self.channel = channel
        self.reads = reads
        self.refusals = refusals
        self.first = first
        self.last = last
    }
}

/// A random audit key, sealed under the root key, and the Ed25519 seed that signs checkpoints, likewise.
package struct AuditKeyRow: Sendable, Hashable {
    /// The epoch, from 1.
    package var epoch: Int64
    /// The key of the head's MAC.
    package var sealedKey: [UInt8]
    /// The seed of the key that signs checkpoints.
    package var sealedSigningSeed: [UInt8]

    package init(epoch: Int64, sealedKey: [UInt8], sealedSigningSeed: [UInt8]) {
        self.epoch = epoch
        self.sealedKey = sealedKey
        self.sealedSigningSeed = sealedSigningSeed
    }
}
