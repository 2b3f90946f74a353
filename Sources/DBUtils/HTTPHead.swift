/// The status line and the header fields of an answer (RFC 9112, sections 4 to 6).
struct HTTPHead {
    /// How the end of the body is known (RFC 9112, section 6.3).
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case untilClosed
    }

    let status: Int
    let framing: Framing
    /// Whether the other side keeps the connection open for another request.
    let keepsAlive: Bool

    /// Where the header section ends in `bytes`, behind its empty line.
    static func end(in bytes: UnsafeRawBufferPointer) -> Int? {
        var lineIsEmpty = false
        for (offset, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\n") where lineIsEmpty: return offset + 1
            case UInt8(ascii: "\n"): lineIsEmpty = true
            case UInt8(ascii: "\r"): break
            default: lineIsEmpty = false
            }
        }
        return nil
    }

    /// Reads a header section that ends with its empty line.
    init(_ bytes: UnsafeRawBufferPointer) throws(DBUtilsError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        let statusLine = lines.removeFirst().split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard statusLine.count >= 2, statusLine[0] == "HTTP/1.1" || statusLine[0] == "HTTP/1.0",
            statusLine[1].utf8.count == 3, let status = Int(statusLine[1]), status >= 100
        else { throw .malformedResponse("it is not HTTP/1.1") }
        self.status = status

        var length: Int?
        var isChunked = false
        var connection = ""
        for line in lines where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else {
                throw .malformedResponse("a line of its header has no colon")
            }
            let value = Self.trimmed(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-length":
                guard let number = Int(value), number >= 0, value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                    length == nil || length == number
                else { throw .malformedResponse("its length is no number") }
                length = number
            case "transfer-encoding":
                guard value.lowercased() == "chunked", !isChunked else {
                    throw .malformedResponse("its transfer encoding is unknown")
                }
                isChunked = true
            case "connection":
                connection += "," + value.lowercased()
            default:
                break
            }
        }
        if isChunked, length != nil { throw .malformedResponse("it is chunked and has a length") }

        if status < 200 || status == 204 || status == 304 {
            self.framing = .none
        } else if isChunked {
            self.framing = .chunked
        } else {
            self.framing = length.map(Framing.length) ?? .untilClosed
        }
        let options = connection.split(separator: ",").map { Self.trimmed($0) }
        let closes = options.contains("close") || framing == .untilClosed
        self.keepsAlive = !closes && (statusLine[0] == "HTTP/1.1" || options.contains("keep-alive"))
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let start = text.firstIndex(where: { !isSpace($0) }),
            let end = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[start...end])
    }
}
