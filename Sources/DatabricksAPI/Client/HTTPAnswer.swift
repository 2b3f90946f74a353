internal import SecretMemory

/// What a server sent back. The body stays in secret memory, since it may hold a value.
struct HTTPAnswer: Sendable {
    /// The status code.
    let status: Int
    /// The headers by name in lower case; of several of one name the last.
    let headers: [String: String]
    /// The body, of whatever pieces it came in.
    let body: SecretBytes

    /// Reads an HTTP/1.1 answer that ended with its connection; `nil` when it is not one or was cut off.
    init?(parsing content: SecretBytes, pool: SecretPool) {
        let parsed = content.withBytes { Self.parse($0, pool: pool) }
        guard let parsed else { return nil }
        self.status = parsed.status
        self.headers = parsed.headers
        self.body = parsed.body
    }

    /// Lends the body.
    func withBody<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try self.body.withBytes(body)
    }

    private struct Head {
        var status: Int
        var headers: [String: String]
        /// The offset behind it.
        var end: Int
    }

    private static func parse(
        _ bytes: RawSpan, pool: SecretPool
    ) -> (status: Int, headers: [String: String], body: SecretBytes)? {
        var start = 0
        while let head = head(in: bytes, from: start) {
            guard !(100...199).contains(head.status) else {
                // An announcement; the answer comes behind it.
                start = head.end
                continue
            }
            guard let body = body(in: bytes, behind: head, pool: pool) else { return nil }
            return (head.status, head.headers, body)
        }
        return nil
    }

    private static func head(in bytes: RawSpan, from start: Int) -> Head? {
        guard let end = endOfLines(in: bytes, from: start) else { return nil }
        let text = String(decoding: (start..<end).map { bytes.byte(at: $0) }, as: UTF8.self)
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: true).makeIterator()
        guard let statusLine = lines.next(), statusLine.hasPrefix("HTTP/1.") else { return nil }
        let words = statusLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, let status = Int(words[1]), (100...599).contains(status) else { return nil }
        var headers: [String: String] = [:]
        while let line = lines.next() {
            let field = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard field.count == 2 else { return nil }
            headers[field[0].lowercased()] = field[1].trimmed
        }
        return Head(status: status, headers: headers, end: end)
    }

    private static func body(in bytes: RawSpan, behind head: Head, pool: SecretPool) -> SecretBytes? {
        if let coding = head.headers["transfer-encoding"] {
            return coding.lowercased() == "chunked" ? chunks(in: bytes, from: head.end, pool: pool) : nil
        }
        let rest = bytes.extracting(head.end..<bytes.byteCount)
        if let announced = head.headers["content-length"] {
            guard Int(announced) == rest.byteCount else { return nil }
        }
        return SecretBytes(copying: rest, in: pool)
    }

    /// Puts a body together that comes in chunks (RFC 9112, section 7.1).
    private static func chunks(in bytes: RawSpan, from start: Int, pool: SecretPool) -> SecretBytes? {
        var body = SecretBuffer(in: pool)
        var position = start
        while let lineEnd = endOfLine(in: bytes, from: position) {
            let line = String(decoding: (position..<(lineEnd - 2)).map { bytes.byte(at: $0) }, as: UTF8.self)
            let digits = line.prefix { $0 != ";" }.trimmed
            guard digits.utf8.count <= 8, let count = UInt32(digits, radix: 16), !digits.hasPrefix("+") else {
                return nil
            }
            // What may follow the last chunk are trailers, which nobody asked for.
            guard count > 0 else { return body.finish() }
            let end = lineEnd + Int(count)
            guard end + 2 <= bytes.byteCount else { return nil }
            body.append(bytes.extracting(lineEnd..<end))
            position = end + 2
        }
        return nil
    }

    /// The offset behind the next line end.
    private static func endOfLine(in bytes: RawSpan, from start: Int) -> Int? {
        guard start + 2 <= bytes.byteCount else { return nil }
        return (start...(bytes.byteCount - 2)).first { bytes.byte(at: $0) == 0x0D && bytes.byte(at: $0 + 1) == 0x0A }
            .map { $0 + 2 }
    }

    /// The offset behind the next empty line.
    private static func endOfLines(in bytes: RawSpan, from start: Int) -> Int? {
        var position = start
        while let end = endOfLine(in: bytes, from: position) {
            if end == position + 2 { return end }
            position = end
        }
        return nil
    }
}

extension RawSpan {
    fileprivate func byte(at offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
