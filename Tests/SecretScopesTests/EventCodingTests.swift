import RepeatableRandomness
import Testing

@testable import SecretScopes

@Suite("Canonical bytes of events")
struct EventCodingTests {
    private func randomEvent(_ random: inout SeededGenerator) -> AuditEvent {
        AuditEvent(
            sequence: Int64.random(in: 1...1 << 40, using: &random),
            time: Timestamp(rawValue: Int64.random(in: 0...1 << 45, using: &random)),
            operation: Operation.allCases.randomElement(using: &random) ?? .getSecret,
            actor: .init(name: "", runBy: ""),
            origin: .init(),
            channel: .init(surface: .library),
            subject: .init(),
            version: Bool.random(using: &random)
                ? .init(id: VersionID(high: random.next(), low: random.next()), number: 1 + Int64(random.next() % 1000))
                : nil,
            parameters: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                .init(name: random.text(upTo: 10), value: random.text(upTo: 40))
            },
            error: Bool.random(using: &random)
                ? ScopeError(
                    ScopeError.Code.allCases.randomElement(using: &random) ?? .badRequest, random.text(upTo: 80))
                : nil,
            requestID: Bool.random(using: &random) ? random.text(upTo: 20) : nil,
            effects: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                RowEffect(
                    table: RowTable.allCases.randomElement(using: &random) ?? .scope,
                    row: random.bytes(upTo: 48),
                    code: Bool.random(using: &random) ? random.bytes(upTo: 32) : nil
                )
            }
        )
    }

    @Test func decodeToTheSameEvent() throws {
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let event = randomEvent(&random)
            let references = EventCoding.References(
                actor: Int64(random.next() >> 34), origin: 1, channel: Int64(random.next() >> 2), subject: 0)
            let actor = AuditEvent.Actor(
                principal: PrincipalID(high: random.next(), low: random.next()), name: "Ana",
                runBy: random.text(upTo: 9))
            let terms = [
                TermRow(id: 7, kind: .actor, lookup: "ana", body: TermCoding.encode(actor))
            ].filter { _ in Bool.random(using: &random) }
            let body = EventCoding.encode(event, references, defining: terms)
            let decoded = try EventCoding.decode(body, sequence: event.sequence)
            // Not #expect for each: it would describe every event that is as it should be.
            guard decoded.event == event, decoded.references == references, decoded.definitions == terms else {
                Issue.record("seed \(random.seed): \(decoded) is not \(event)")
                return
            }
        }
    }

    @Test func anythingElseIsRefusedAndNeverCrashes() throws {
        var random = SeededGenerator()
        for _ in 0..<20_000 {
            let references = EventCoding.References(actor: 1, origin: 2, channel: 3, subject: 4)
            let event = randomEvent(&random)
            var body = EventCoding.encode(event, references, defining: [])
            switch Int.random(in: 0...2, using: &random) {
            case 0: body.removeLast(Int.random(in: 1...body.count, using: &random))
            case 1: body.append(contentsOf: [0])
            default: body = random.bytes(upTo: 60)
            }
            // Fewer or more bytes than were written are never an event; random ones may be one by chance.
            _ = try? EventCoding.decode(body, sequence: 1)
        }
        let event = randomEvent(&random)
        let references = EventCoding.References(actor: 1, origin: 2, channel: 3, subject: 4)
        let body = EventCoding.encode(event, references, defining: [])
        for length in 0..<body.count {
            #expect(throws: MalformedBytes.self, "seed \(random.seed)") {
                try EventCoding.decode(Array(body[..<length]), sequence: 1)
            }
        }
    }

    @Test func termsDecodeToTheSameParts() throws {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let origin = AuditEvent.Origin(
                address: Bool.random(using: &random) ? random.text(upTo: 20) : nil,
                userAgent: Bool.random(using: &random) ? random.text(upTo: 20) : nil,
                session: Bool.random(using: &random) ? random.text(upTo: 20) : nil,
                credential: Bool.random(using: &random) ? CredentialID(high: random.next(), low: 1) : nil,
                apply: Bool.random(using: &random) ? random.text(upTo: 20) : nil
            )
            guard try TermCoding.decodeOrigin(TermCoding.encode(origin)) == origin else {
                Issue.record("seed \(random.seed)")
                return
            }
            let channel = AuditEvent.Channel(
                surface: Surface.allCases.randomElement(using: &random) ?? .rest,
                notebook: Bool.random(using: &random) ? random.text(upTo: 20) : nil,
                cell: Bool.random(using: &random) ? Int.random(in: 0...9999, using: &random) : nil
            )
            guard try TermCoding.decodeChannel(TermCoding.encode(channel)) == channel else {
                Issue.record("seed \(random.seed)")
                return
            }
            let subject = AuditEvent.Subject(
                scope: random.text(upTo: 9), scopeID: ScopeID(high: 1, low: random.next()), key: random.text(upTo: 9))
            guard try TermCoding.decodeSubject(TermCoding.encode(subject)) == subject else {
                Issue.record("seed \(random.seed)")
                return
            }
        }
    }

    @Test func changesDecodeToTheSameEntries() throws {
        let entries: [CacheInvalidation] = [
            .scope("payments"), .principal(.everybody), .memberships, .credential(CredentialID(high: 1, low: 2)),
            .secret(SecretPlace(scope: ScopeID(high: 3, low: 4), foldedName: "api-key")),
        ]
        #expect(try CacheInvalidation.decode(CacheInvalidation.encode(entries)) == entries)
    }
}
