internal import Glibc
internal import Synchronization

/// Asks the run's broker over HTTP/1.1 with the run's token, and keeps idle connections for the next question.
final class RunClient: Sendable {
    /// An answer: its status and its body, which is zeroed when the answer goes.
    struct Response: ~Copyable {
        let status: Int
        let body: WipedBytes
    }

    private struct IdleConnection {
        var address: RunAddress
        var descriptor: Int32
    }

    /// Reading a linked value may take the run as long as its vault does.
    private static let timeoutSeconds = 300

    private let variable: @Sendable (String) -> String?
    private let idle = Mutex<[IdleConnection]>([])

    /// Creates a client that looks up host and token with `variable` for every request.
    init(variable: @escaping @Sendable (String) -> String?) {
        self.variable = variable
    }

    deinit {
        for connection in idle.withLock({ $0 }) {
            close(connection.descriptor)
        }
    }

    /// Sends a GET request for `path` with `query`.
    func get(_ path: String, query: [(name: String, value: String)]) throws(DBUtilsError) -> Response {
        guard let address = variable("DATABRICKS_HOST").flatMap({ RunAddress($0) }),
            let token = variable("DATABRICKS_TOKEN"), Self.isToken(token)
        else { throw .notInARun }
        let request = Self.request(path, query: query, address: address, token: token)

        if let descriptor = takeIdle(for: address) {
            var connection = HTTPConnection(descriptor: descriptor)
            do {
                return try exchange(request, over: &connection, address, descriptor)
            } catch {
                close(descriptor)
                // The broker may have closed the idle connection meanwhile; once it has begun to answer it has not.
                if connection.hasReceivedBytes { throw error }
            }
        }
        let descriptor = try address.connect(timeoutSeconds: Self.timeoutSeconds)
        var connection = HTTPConnection(descriptor: descriptor)
        do {
            return try exchange(request, over: &connection, address, descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private func exchange(
        _ request: borrowing WipedBytes,
        over connection: inout HTTPConnection,
        _ address: RunAddress,
        _ descriptor: Int32
    ) throws(DBUtilsError) -> Response {
        try connection.send(request.bytes)
        let head = try connection.readHead()
        let body = try connection.readBody(of: head)
        if head.keepsAlive, connection.isAtMessageEnd {
            idle.withLock { $0.append(IdleConnection(address: address, descriptor: descriptor)) }
        } else {
            close(descriptor)
        }
        return Response(status: head.status, body: body)
    }

    /// A connection on which the broker neither closed nor said anything since its last answer: what it says unasked
    /// must not be taken for the next one.
    private func takeIdle(for address: RunAddress) -> Int32? {
        while let descriptor = removeIdle(for: address) {
            var byte: UInt8 = 0
            if recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0, errno == EAGAIN { return descriptor }
            close(descriptor)
        }
        return nil
    }

    private func removeIdle(for address: RunAddress) -> Int32? {
        idle.withLock { idle in
            guard let index = idle.lastIndex(where: { $0.address == address }) else { return nil }
            return idle.remove(at: index).descriptor
        }
    }

    private static func request(
        _ path: String,
        query: [(name: String, value: String)],
        address: RunAddress,
        token: String
    ) -> WipedBytes {
        var request = WipedBytes(capacity: 1024)
        request.append("GET \(path)")
        for (index, item) in query.enumerated() {
            request.append(index == 0 ? "?" : "&")
            request.append("\(percentEncoded(item.name))=\(percentEncoded(item.value))")
        }
        request.append(" HTTP/1.1\r\nHost: \(address.authority)\r\nAuthorization: Bearer ")
        request.append(token)
        request.append("\r\nAccept: application/json\r\nUser-Agent: hush-dbutils/1\r\n\r\n")
        return request
    }

    /// Every byte but the unreserved ones (RFC 3986, section 2.3) as `%XX`.
    static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Whether `token` can stand in a header: visible ASCII only.
    private static func isToken(_ token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
