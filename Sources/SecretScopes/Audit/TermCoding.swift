/// The canonical bytes of the parts of events that repeat, and by what they are looked for.
enum TermCoding {
    static func encode(_ actor: AuditEvent.Actor) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeOptional(actor.principal) { $0.write($1) }
        writer.write(actor.name)
        writer.write(actor.runBy)
        return writer.bytes
    }

    static func decodeActor(_ body: [UInt8]) throws(MalformedBytes) -> AuditEvent.Actor {
        var reader = ByteReader(body)
        let principal: PrincipalID? = try reader.readOptional { reader throws(MalformedBytes) in
            try reader.readIdentifier()
        }
        return .init(principal: principal, name: try reader.readText(), runBy: try reader.readText())
    }

    static func encode(_ origin: AuditEvent.Origin) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeOptional(origin.address) { $0.write($1) }
        writer.writeOptional(origin.userAgent) { $0.write($1) }
        writer.writeOptional(origin.session) { $0.write($1) }
        writer.writeOptional(origin.credential) { $0.write($1) }
        // Nothing where there is none, so that the bytes of other origins stay what they were.
        if let apply = origin.apply { writer.write(apply) }
        return writer.bytes
    }

    static func decodeOrigin(_ body: [UInt8]) throws(MalformedBytes) -> AuditEvent.Origin {
        var reader = ByteReader(body)
        return .init(
            address: try reader.readOptionalText(),
            userAgent: try reader.readOptionalText(),
            session: try reader.readOptionalText(),
            credential: try reader.readOptional { reader throws(MalformedBytes) in try reader.readIdentifier() },
            apply: reader.isAtEnd ? nil : try reader.readText()
        )
    }

    static func encode(_ channel: AuditEvent.Channel) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeByte(channel.surface.rawValue)
        writer.writeOptional(channel.notebook) { $0.write($1) }
        writer.writeOptional(channel.cell) { $0.write(Int64($1)) }
        return writer.bytes
    }

    static func decodeChannel(_ body: [UInt8]) throws(MalformedBytes) -> AuditEvent.Channel {
        var reader = ByteReader(body)
        guard let surface = Surface(rawValue: try reader.readByte()) else { throw MalformedBytes() }
        let notebook = try reader.readOptionalText()
        let cell = try reader.readOptional { reader throws(MalformedBytes) in try reader.readInteger() }
        return .init(surface: surface, notebook: notebook, cell: cell.map { Int($0) })
    }

    static func encode(_ subject: AuditEvent.Subject) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeOptional(subject.scope) { $0.write($1) }
        writer.writeOptional(subject.scopeID) { $0.write($1) }
        writer.writeOptional(subject.key) { $0.write($1) }
        writer.writeOptional(subject.secretID) { $0.write($1) }
        return writer.bytes
    }

    static func decodeSubject(_ body: [UInt8]) throws(MalformedBytes) -> AuditEvent.Subject {
        var reader = ByteReader(body)
        return .init(
            scope: try reader.readOptionalText(),
            scopeID: try reader.readOptional { reader throws(MalformedBytes) in try reader.readIdentifier() },
            key: try reader.readOptionalText(),
            secretID: try reader.readOptional { reader throws(MalformedBytes) in try reader.readIdentifier() }
        )
    }

    /// By what queries look for a term: an actor by the principal's folded name, a subject by folded scope and key.
    static func lookup(of kind: TermKind, body: [UInt8]) throws(MalformedBytes) -> String? {
        switch kind {
        case .actor: try decodeActor(body).name.lowercased()
        case .subject:
            try subjectLookup(decodeSubject(body))
        case .origin, .channel: nil
        }
    }

    private static func subjectLookup(_ subject: AuditEvent.Subject) -> String? {
        subject.scope.map { subjectLookup(scope: $0, key: subject.key) }
    }

    /// By what a subject is looked for. A scope's own events have no key; those of its secrets begin with the same text.
    static func subjectLookup(scope: String, key: String?) -> String {
        scope.lowercased() + "\u{1F}" + (key?.lowercased() ?? "")
    }
}

extension ByteReader {
    fileprivate mutating func readOptionalText() throws(MalformedBytes) -> String? {
        try readOptional { reader throws(MalformedBytes) in try reader.readText() }
    }
}
