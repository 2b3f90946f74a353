internal import SecretMemory

/// What a server sent back: status and body. The bytes stay in secret memory, since the body may hold a value.
struct HTTPAnswer {
    /// The status code.
    let status: Int
    private let content: SecretBytes
    private let bodyRange: Range<Int>

    /// Reads an HTTP/1.1 answer that ended with its connection; `nil` when it is not one, was cut off, or comes in
    /// chunks, which a run's broker never sends.
    init?(parsing content: SecretBytes) {
        let parsed = content.withBytes { Self.parse($0) }
        guard let (status, bodyRange) = parsed else { return nil }
        self.status = status
        self.bodyRange = bodyRange
        self.content = content
    }

    /// Lends the body.
    func withBody<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try content.withBytes { bytes throws(E) in
            try body(bytes.extracting(bodyRange))
        }
    }

    private static func parse(_ bytes: RawSpan) -> (status: Int, body: Range<Int>)? {
        guard let headEnd = endOfHead(in: bytes) else { return nil }
        let head = (0..<headEnd).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
            .makeIterator()
        guard let statusLine = lines.next(), statusLine.hasPrefix("HTTP/1.") else { return nil }
        let words = statusLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, let status = Int(words[1]), (200...599).contains(status) else { return nil }
        var length = bytes.byteCount - headEnd
        while let line = lines.next() {
            let field = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard field.count == 2 else { return nil }
            switch field[0].lowercased() {
            case "content-length":
                guard let announced = Int(field[1].drop { $0 == " " }), announced == length else { return nil }
                length = announced
            case "transfer-encoding":
                return nil
            default:
                continue
            }
        }
        return (status, headEnd..<(headEnd + length))
    }

    /// The offset behind the empty line that ends the head.
    private static func endOfHead(in bytes: RawSpan) -> Int? {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.byteCount >= end.count else { return nil }
        return (0...(bytes.byteCount - end.count)).first { start in
            end.indices.allSatisfy { bytes.unsafeLoad(fromByteOffset: start + $0, as: UInt8.self) == end[$0] }
        }.map { $0 + end.count }
    }
}
