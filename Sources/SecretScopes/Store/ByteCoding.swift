/// Writes the canonical encodings: of audit events, of what a row's MAC covers, of additional data.
///
/// Integers are fixed-width big-endian or variable-length (7 bits a byte, lowest first); texts and byte strings carry
/// their length in front, so that no two different sequences of fields have the same encoding.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 128) {
        bytes.reserveCapacity(capacity)
    }

    mutating func writeByte(_ byte: UInt8) {
        bytes.append(byte)
    }

    mutating func write(_ value: Int64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func writeVariable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(_ field: some Collection<UInt8>) {
        writeVariable(UInt64(field.count))
        bytes.append(contentsOf: field)
    }

    mutating func write(_ text: String) {
        write(text.utf8)
    }

    mutating func write<Subject>(_ id: Identifier<Subject>) {
        id.withBytes { bytes.append(contentsOf: $0) }
    }

    /// Writes an optional field: a byte that tells whether it is there, and then the field.
    mutating func writeOptional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
        guard let value else {
            bytes.append(0)
            return
        }
        bytes.append(1)
        write(&self, value)
    }
}

/// Reads what ``ByteWriter`` wrote. Anything else makes it throw ``MalformedBytes``.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
        self.position = 0
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func readByte() throws(MalformedBytes) -> UInt8 {
        guard position < bytes.endIndex else { throw MalformedBytes() }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func readInteger() throws(MalformedBytes) -> Int64 {
        try read(count: 8).reduce(0) { $0 << 8 | Int64($1) }
    }

    mutating func readVariable() throws(MalformedBytes) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readByte()
            guard shift < 63 || byte <= 1 else { throw MalformedBytes() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift <= 63 else { throw MalformedBytes() }
        }
    }

    mutating func readField() throws(MalformedBytes) -> [UInt8] {
        let count = try readVariable()
        guard count <= UInt64(bytes.endIndex - position) else { throw MalformedBytes() }
        return Array(try read(count: Int(count)))
    }

    mutating func readText() throws(MalformedBytes) -> String {
        let field = try readField()
        guard let text = String(validating: field, as: UTF8.self) else { throw MalformedBytes() }
        return text
    }

    mutating func readIdentifier<Subject>() throws(MalformedBytes) -> Identifier<Subject> {
        guard let id = Identifier<Subject>(bytes: Array(try read(count: 16))) else { throw MalformedBytes() }
        return id
    }

    mutating func readOptional<Value>(
        _ read: (inout ByteReader) throws(MalformedBytes) -> Value
    ) throws(MalformedBytes) -> Value? {
        switch try readByte() {
        case 0: nil
        case 1: try read(&self)
        default: throw MalformedBytes()
        }
    }

    private mutating func read(count: Int) throws(MalformedBytes) -> ArraySlice<UInt8> {
        guard bytes.endIndex - position >= count else { throw MalformedBytes() }
        defer { position += count }
        return bytes[position..<position + count]
    }
}

/// Bytes that are not what ``ByteWriter`` would have written.
struct MalformedBytes: Error {}
