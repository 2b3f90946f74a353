/// Puts the messages of the control descriptor together, however the bytes are cut.
struct ControlDecoder {
    /// The bytes are not of the protocol.
    struct Failure: Error {}

    /// No message is longer: 64 MiB, which holds a table of ten thousand rows of six thousand characters.
    static let payloadLimit = 64 * 1024 * 1024
    private static let headerLength = 5
    private static let kinds: ClosedRange<UInt8> = 0xF5...0xFC

    private var buffer: [UInt8] = []

    mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// The next message, or `nil` when it is not there whole.
    mutating func next() throws(Failure) -> ControlMessage? {
        // At once, not when there is enough for a header: the program may wait for an answer that never comes.
        if let kind = buffer.first, !Self.kinds.contains(kind) { throw Failure() }
        guard buffer.count >= Self.headerLength else { return nil }
        var header = PayloadReader(buffer[1..<Self.headerLength])
        let length = try header.number()
        guard length <= Self.payloadLimit else { throw Failure() }
        guard buffer.count >= Self.headerLength + length else { return nil }
        var payload = PayloadReader(buffer[Self.headerLength..<(Self.headerLength + length)])
        let message = try payload.message(kind: buffer[0])
        guard payload.isAtEnd else { throw Failure() }
        buffer.removeFirst(Self.headerLength + length)
        return message
    }
}

/// Reads the fields of one payload, front to back.
private struct PayloadReader {
    private var rest: ArraySlice<UInt8>

    init(_ payload: ArraySlice<UInt8>) {
        self.rest = payload
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func message(kind: UInt8) throws(ControlDecoder.Failure) -> ControlMessage {
        switch kind {
        case 0xF5: .started(version: try number())
        case 0xF6: .cellEnded(try number())
        case 0xF7: .text(try text())
        case 0xF8: .table(try table())
        case 0xF9: .failed(type: try text(), description: try text())
        case 0xFA: .exited(try text())
        case 0xFB: .widget(try text())
        case 0xFC: .crashed(signal: Int32(truncatingIfNeeded: try number()), addresses: try addresses())
        default: throw ControlDecoder.Failure()
        }
    }

    mutating func number() throws(ControlDecoder.Failure) -> Int {
        try take(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func text() throws(ControlDecoder.Failure) -> String {
        let length = try number()
        return String(decoding: try take(length), as: UTF8.self)
    }

    /// A list whose elements take at least `size` bytes each, so that a wrong count is found before memory is taken.
    private mutating func list<Element>(
        elementSize size: Int,
        _ element: (inout PayloadReader) throws(ControlDecoder.Failure) -> Element
    ) throws(ControlDecoder.Failure) -> [Element] {
        let count = try number()
        guard count <= rest.count / size else { throw ControlDecoder.Failure() }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    private mutating func table() throws(ControlDecoder.Failure) -> DisplayedTable {
        let leftOut = try number()
        let columns = try list(elementSize: 4) { reader throws(ControlDecoder.Failure) in try reader.text() }
        guard !columns.isEmpty else { throw ControlDecoder.Failure() }
        let rows = try list(elementSize: 4 * columns.count) { reader throws(ControlDecoder.Failure) in
            var row: [String] = []
            for _ in columns { row.append(try reader.text()) }
            return row
        }
        return DisplayedTable(columns: columns, rows: rows, rowsLeftOut: leftOut)
    }

    private mutating func addresses() throws(ControlDecoder.Failure) -> [UInt64] {
        try list(elementSize: 8) { reader throws(ControlDecoder.Failure) in
            try reader.take(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private mutating func take(_ count: Int) throws(ControlDecoder.Failure) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw ControlDecoder.Failure() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
