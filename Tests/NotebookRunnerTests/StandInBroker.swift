import Glibc
import Redaction
import Runs
import SecretMemory
import Synchronization

/// Hands out secrets over HTTP on a loopback port, as a run's broker does: the redactor knows a value before it leaves.
final class StandInBroker: Sendable {
    static let token = "run-token-5e1f"

    let host: String
    private let secrets: [String: [UInt8]]
    private let redactor: Redactor
    private let pool: SecretPool
    private let currentCell: CurrentCell
    private let cells = Mutex<[Int?]>([])

    init(secrets: [String: [UInt8]], redactor: Redactor, pool: SecretPool, currentCell: CurrentCell) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                precondition(bind(listener, address, length) == 0 && listen(listener, 16) == 0)
                precondition(getsockname(listener, address, &length) == 0)
            }
        }
        self.host = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        self.secrets = secrets
        self.redactor = redactor
        self.pool = pool
        self.currentCell = currentCell
        try redactor.add(SecretBytes(copying: Array(Self.token.utf8).span.bytes, in: pool))
        start { [weak self] in
            while let broker = self {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                broker.start { [weak broker] in broker?.serve(connection) }
            }
        }
    }

    /// The cells that were current when requests came.
    var cellsOfRequests: [Int?] { cells.withLock { $0 } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        while let request = readRequest(connection) {
            cells.withLock { $0.append(currentCell.number) }
            let answer = Array(answer(to: request).utf8)
            _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
        }
    }

    private func readRequest(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func answer(to request: String) -> String {
        guard request.contains("\r\nAuthorization: Bearer \(Self.token)\r\n") else {
            return response("401 Unauthorized", #"{"error_code":"UNAUTHENTICATED","message":"no token"}"#)
        }
        let target = request.split(separator: " ")[1]
        let query = target.split(separator: "?").last?.split(separator: "&").map { $0.split(separator: "=")[1] } ?? []
        guard target.hasPrefix("/api/2.0/secrets/get?"), query.count == 2,
            let value = secrets["\(query[0])/\(query[1])"]
        else {
            return response("404 Not Found", #"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no secret"}"#)
        }
        let secret = SecretBytes(copying: value.span.bytes, in: pool)
        _ = try? redactor.add(secret)
        let encoded = secret.withBytes { bytes in
            Base64.encode(bytes, in: pool).withBytes { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        }
        return response("200 OK", #"{"key":"\#(query[1])","value":"\#(encoded)"}"#)
    }

    private func response(_ status: String, _ body: String) -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        final class Work: Sendable {
            let body: @Sendable () -> Void

            init(_ body: @escaping @Sendable () -> Void) {
                self.body = body
            }
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Work(body)).toOpaque())
        pthread_detach(thread)
    }
}
