import Synchronization

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
                hasher.combine(origin.apply)
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

    private struct State {
        var numbers = BoundedCache<Term, Int64>(capacity: 20_000)
        var era = 0
    }

    private let state = Mutex(State())

    /// How often everything was forgotten. A number that was looked up in an earlier era may be another term's by now.
    var era: Int {
        state.withLock { $0.era }
    }

    func number(of term: Term) -> Int64? {
        state.withLock { $0.numbers[term] }
    }

    /// The numbers of all terms of an event and the era that they are from; `nil` unless all of them are known.
    func references(of event: AuditEvent) -> (EventCoding.References, era: Int)? {
        state.withLock { state in
            guard
                let actor = state.numbers[.actor(event.actor)], let origin = state.numbers[.origin(event.origin)],
                let channel = state.numbers[.channel(event.channel)],
                let subject = event.subject.scope == nil ? 0 : state.numbers[.subject(event.subject)]
            else { return nil }
            let references = EventCoding.References(actor: actor, origin: origin, channel: channel, subject: subject)
            return (references, state.era)
        }
    }

    func remember(_ number: Int64, for term: Term) {
        state.withLock { $0.numbers.insert(number, for: term, cost: 1) }
    }

    /// Forgets everything, because a transaction that may have added terms was taken back.
    func removeAll() {
        state.withLock { state in
            state.numbers.removeAll()
            state.era += 1
        }
    }
}
