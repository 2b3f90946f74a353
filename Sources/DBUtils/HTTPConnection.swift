internal import Glibc

/// One connection to the broker: sends a request, reads the answer (HTTP/1.1, RFC 9112).
///
/// Whatever passes through is zeroed behind it, since answers hold values.
struct HTTPConnection: ~Copyable {
    /// No header section is read beyond this.
    static let headLimit = 64 * 1024
    /// No body is read beyond this; far above a value of 128 KiB or a thousand names.
    static let bodyLimit = 64 * 1024 * 1024

    private let descriptor: Int32
    private var received = WipedBytes(capacity: 4096)
    /// Whether the other side had said anything when an exchange failed.
    private(set) var hasReceivedBytes = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Sends all of `request`.
    mutating func send(_ request: UnsafeRawBufferPointer) throws(DBUtilsError) {
        var sent = 0
        while sent < request.count {
            let rest = UnsafeRawBufferPointer(rebasing: request[sent...])
            let written = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if written < 0 {
                if errno == EINTR { continue }
                throw .unavailable(RunAddress.reason("send", errno))
            }
            sent += written
        }
    }

    /// Reads the answer's head; interim ones (1xx) are skipped.
    mutating func readHead() throws(DBUtilsError) -> HTTPHead {
        while true {
            var end = HTTPHead.end(in: received.bytes)
            while end == nil {
                guard received.count <= Self.headLimit else {
                    throw .malformedResponse("its header is longer than \(Self.headLimit) bytes")
                }
                guard try fill() else { throw .unavailable("it closed the connection") }
                end = HTTPHead.end(in: received.bytes)
            }
            let length = end ?? 0
            let head = try HTTPHead(UnsafeRawBufferPointer(rebasing: received.bytes[..<length]))
            received.removeFirst(length)
            if !(100..<200).contains(head.status) { return head }
        }
    }

    /// Reads the body that belongs to `head`.
    mutating func readBody(of head: HTTPHead) throws(DBUtilsError) -> WipedBytes {
        var body = WipedBytes(capacity: 4096)
        switch head.framing {
        case .none:
            break
        case .length(let length):
            try move(length, to: &body)
        case .chunked:
            try readChunks(into: &body)
        case .untilClosed:
            repeat {
                guard body.count + received.count <= Self.bodyLimit else { throw Self.bodyTooLong }
                body.append(received.bytes)
                received.removeFirst(received.count)
            } while try fill()
        }
        return body
    }

    /// Whether the next answer can come over the same connection: nothing was left over from this one.
    var isAtMessageEnd: Bool { received.count == 0 }

    private mutating func readChunks(into body: inout WipedBytes) throws(DBUtilsError) {
        while true {
            let line = try readLine()
            var digits = line.prefix { $0 != ";" }
            while digits.last == " " || digits.last == "\t" { digits.removeLast() }
            guard digits.utf8.allSatisfy({ JSONParser.hexadecimalValue(of: $0) != nil }),
                let size = Int(digits, radix: 16)
            else { throw .malformedResponse("a chunk's size is no number") }
            if size == 0 { break }
            guard size <= Self.bodyLimit - body.count else { throw Self.bodyTooLong }
            try move(size, to: &body)
            guard try readLine().isEmpty else { throw .malformedResponse("a chunk is longer than it says") }
        }
        while try !readLine().isEmpty {}
    }

    private mutating func readLine() throws(DBUtilsError) -> String {
        while true {
            if let end = received.bytes.firstIndex(of: UInt8(ascii: "\n")) {
                var line = UnsafeRawBufferPointer(rebasing: received.bytes[..<end])
                if line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
                let text = String(decoding: line, as: UTF8.self)
                received.removeFirst(end + 1)
                return text
            }
            guard received.count <= Self.headLimit else { throw .malformedResponse("a line of it is too long") }
            guard try fill() else { throw .unavailable("it closed the connection") }
        }
    }

    private mutating func move(_ count: Int, to body: inout WipedBytes) throws(DBUtilsError) {
        guard count <= Self.bodyLimit - body.count else { throw Self.bodyTooLong }
        var left = count
        while left > 0 {
            if received.count == 0 {
                guard try fill() else { throw .unavailable("it closed the connection") }
            }
            let part = min(left, received.count)
            body.append(UnsafeRawBufferPointer(rebasing: received.bytes[..<part]))
            received.removeFirst(part)
            left -= part
        }
    }

    /// Receives what has come; `false` at the end of the stream.
    private mutating func fill() throws(DBUtilsError) -> Bool {
        let descriptor = descriptor
        while true {
            let count = received.append(room: 16 * 1024) { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unavailable(RunAddress.reason("recv", errno))
            }
            if count > 0 { hasReceivedBytes = true }
            return count > 0
        }
    }

    private static let bodyTooLong = DBUtilsError.malformedResponse("it is longer than \(bodyLimit) bytes")
}
