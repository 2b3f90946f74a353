import SecretCrypto

/// The canonical bytes of events and terms: what the chain covers.
///
/// ```
/// event:  1 format · 8 time in ms · 1 operation · 1 error code (0: done) · 1 flags
///         · actor · origin · channel · subject (numbers of terms, variable length; subject 0: none)
///         · [definitions of terms first used here] · [version] · [request id] · [message] · [parameters] · [effects]
/// ```
///
/// Which of the bracketed parts are there is told by the flags, in that order from the lowest bit.
enum EventCoding {
    private static let format: UInt8 = 1

    private enum Flag {
        static let definitions: UInt8 = 1
        static let version: UInt8 = 2
        static let requestID: UInt8 = 4
        static let message: UInt8 = 8
        static let parameters: UInt8 = 16
        static let effects: UInt8 = 32
    }

    /// The terms that an event refers to.
    struct References: Hashable {
        var actor: Int64
        var origin: Int64
        var channel: Int64
        var subject: Int64
    }

    /// The part that every event has, read without copying the rest.
    struct Header {
        var time: Timestamp
        var operation: Operation
        var isRefused: Bool
        var references: References
        /// Whether there are definitions of terms or effects on rows behind it.
        var tellsMore: Bool

        init(_ body: UnsafeRawBufferPointer) throws(MalformedBytes) {
            guard body.count >= 12, body[0] == EventCoding.format, let operation = Operation(rawValue: body[9]) else {
                throw MalformedBytes()
            }
            time = Timestamp(rawValue: Int64(bigEndian: body.loadUnaligned(fromByteOffset: 1, as: Int64.self)))
            self.operation = operation
            isRefused = body[10] != 0
            tellsMore = body[11] & (Flag.definitions | Flag.effects) != 0
            var position = 12
            references = References(
                actor: try Self.number(body, &position),
                origin: try Self.number(body, &position),
                channel: try Self.number(body, &position),
                subject: try Self.number(body, &position)
            )
        }

        /// What ``ByteReader/readNumber()`` reads.
        private static func number(
            _ body: UnsafeRawBufferPointer, _ position: inout Int
        ) throws(MalformedBytes) -> Int64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 63, by: 7) {
                guard position < body.count else { throw MalformedBytes() }
                let byte = body[position]
                position += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return Int64(value) }
            }
            throw MalformedBytes()
        }
    }

    /// An event whose terms are still numbers.
    struct Decoded {
        var references: References
        var definitions: [TermRow]
        /// The event with empty actor, origin, channel and subject.
        var event: AuditEvent
    }

    /// Puts another time into the bytes of an event.
    static func setTime(_ time: Timestamp, of body: inout [UInt8]) {
        withUnsafeBytes(of: time.rawValue.bigEndian) { body.replaceSubrange(1..<9, with: $0) }
    }

    static func encode(_ event: AuditEvent, _ references: References, defining definitions: [TermRow]) -> [UInt8] {
        var writer = ByteWriter(reserving: 96)
        writer.writeByte(format)
        writer.write(event.time.rawValue)
        writer.writeByte(event.operation.rawValue)
        writer.writeByte(event.error?.code.rawValue ?? 0)
        var flags: UInt8 = 0
        if !definitions.isEmpty { flags |= Flag.definitions }
        if event.version != nil { flags |= Flag.version }
        if event.requestID != nil { flags |= Flag.requestID }
        if event.error != nil { flags |= Flag.message }
        if !event.parameters.isEmpty { flags |= Flag.parameters }
        if !event.effects.isEmpty { flags |= Flag.effects }
        writer.writeByte(flags)
        writer.writeVariable(UInt64(references.actor))
        writer.writeVariable(UInt64(references.origin))
        writer.writeVariable(UInt64(references.channel))
        writer.writeVariable(UInt64(references.subject))
        if !definitions.isEmpty {
            writer.writeVariable(UInt64(definitions.count))
            for term in definitions {
                writer.writeVariable(UInt64(term.id))
                writer.writeByte(term.kind.rawValue)
                writer.write(term.body)
            }
        }
        if let version = event.version {
            writer.write(version.id)
            writer.writeVariable(UInt64(version.number))
        }
        if let requestID = event.requestID { writer.write(requestID) }
        if let error = event.error { writer.write(error.message) }
        if !event.parameters.isEmpty {
            writer.writeVariable(UInt64(event.parameters.count))
            for parameter in event.parameters {
                writer.write(parameter.name)
                writer.write(parameter.value)
            }
        }
        if !event.effects.isEmpty {
            writer.writeVariable(UInt64(event.effects.count))
            for effect in event.effects {
                writer.writeByte(effect.table.rawValue)
                writer.write(effect.row)
                writer.writeOptional(effect.code) { $0.write($1) }
            }
        }
        return writer.bytes
    }

    static func decode(_ body: [UInt8], sequence: Int64) throws(MalformedBytes) -> Decoded {
        var reader = ByteReader(body)
        guard try reader.readByte() == format else { throw MalformedBytes() }
        let time = Timestamp(rawValue: try reader.readInteger())
        guard let operation = Operation(rawValue: try reader.readByte()) else { throw MalformedBytes() }
        let errorCode = try reader.readByte()
        let flags = try reader.readByte()
        let references = References(
            actor: try reader.readNumber(),
            origin: try reader.readNumber(),
            channel: try reader.readNumber(),
            subject: try reader.readNumber()
        )
        var definitions: [TermRow] = []
        if flags & Flag.definitions != 0 {
            for _ in 0..<(try reader.readCount()) {
                let id = try reader.readNumber()
                guard let kind = TermKind(rawValue: try reader.readByte()) else { throw MalformedBytes() }
                let body = try reader.readField()
                definitions.append(
                    TermRow(id: id, kind: kind, lookup: try TermCoding.lookup(of: kind, body: body), body: body))
            }
        }
        var event = AuditEvent(
            sequence: sequence,
            time: time,
            operation: operation,
            actor: .init(name: "", runBy: ""),
            origin: .init(),
            channel: .init(surface: .library),
            subject: .init(),
            parameters: [],
            effects: []
        )
        if flags & Flag.version != 0 {
            event.version = .init(id: try reader.readIdentifier(), number: try reader.readNumber())
        }
        if flags & Flag.requestID != 0 { event.requestID = try reader.readText() }
        if flags & Flag.message != 0 {
            guard let code = ScopeError.Code(rawValue: errorCode) else { throw MalformedBytes() }
            event.error = ScopeError(code, try reader.readText())
        } else if errorCode != 0 {
            throw MalformedBytes()
        }
        if flags & Flag.parameters != 0 {
            for _ in 0..<(try reader.readCount()) {
                event.parameters.append(.init(name: try reader.readText(), value: try reader.readText()))
            }
        }
        if flags & Flag.effects != 0 {
            for _ in 0..<(try reader.readCount()) {
                guard let table = RowTable(rawValue: try reader.readByte()) else { throw MalformedBytes() }
                let row = try reader.readField()
                let code = try reader.readOptional { reader throws(MalformedBytes) in try reader.readField() }
                event.effects.append(RowEffect(table: table, row: row, code: code))
            }
        }
        guard reader.isAtEnd else { throw MalformedBytes() }
        return Decoded(references: references, definitions: definitions, event: event)
    }
}

extension ByteReader {
    /// A variable-length number that fits a row id.
    mutating func readNumber() throws(MalformedBytes) -> Int64 {
        guard let number = Int64(exactly: try readVariable()) else { throw MalformedBytes() }
        return number
    }

    /// A number of items, each of which takes at least one byte.
    mutating func readCount() throws(MalformedBytes) -> Int {
        guard let count = Int(exactly: try readVariable()), count <= 1 << 20 else { throw MalformedBytes() }
        return count
    }
}
