import Foundation
import Glibc
import TestPrograms

/// A client that sends exactly the bytes it is given, so that tests can also send what no library would.
enum RawHTTP {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: String

        /// A text member of a JSON body.
        func member(_ name: String) -> String? {
            json?[name] as? String
        }

        var json: [String: Any]? {
            try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        }
    }

    /// Sends a request built from its parts, with `Connection: close` added, and reads the answer.
    static func send(
        _ method: String,
        _ target: String,
        headers: [String] = [],
        body: String = "",
        port: Int
    ) async throws -> Answer {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"] + headers
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        let request = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
        let answer = try await exchange(Array(request.utf8), port: port)
        return try parse(answer)
    }

    /// Sends `bytes` and returns what comes until the other side closes.
    static func exchange(_ bytes: [UInt8], port: Int) async throws -> [UInt8] {
        try await offPool {
            let connection = try Connection(port: port)
            try connection.send(bytes)
            return connection.readAll()
        }
    }

    static func parse(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { throw Failure(description: "no answer: \(text)") }
        var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let status = lines.removeFirst().split(separator: " ")
        guard status.count >= 2, let code = Int(status[1]) else { throw Failure(description: "no status: \(text)") }
        var headers: [String: String] = [:]
        for line in lines {
            let field = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            headers[field[0].lowercased()] = field.count > 1 ? field[1] : ""
        }
        return Answer(status: code, headers: headers, body: String(text[end.upperBound...]))
    }

    /// A connection to a port of this machine until it goes. Its calls wait.
    final class Connection: Sendable {
        private let descriptor: Int32

        init(port: Int, address host: UInt32 = 0x7F00_0001) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = host.bigEndian
            let status = withUnsafeBytes(of: &address) { [descriptor] bytes in
                connect(
                    descriptor,
                    bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
                    socklen_t(bytes.count)
                )
            }
            // The descriptor is closed by `deinit`, which runs also when a complete object's initializer throws: closed
            // here as well, it would by then be somebody else's.
            guard status == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
        }

        deinit {
            close(descriptor)
        }

        /// Sends all of `bytes`, or as much as the other side takes before it closes.
        func send(_ bytes: [UInt8]) throws {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }

        /// Says that nothing more will be sent; what comes can still be read.
        func finishSending() {
            shutdown(descriptor, Int32(SHUT_WR))
        }

        /// Reads what comes next; nothing when the other side closed.
        func readSome() -> [UInt8] {
            var chunk = [UInt8](repeating: 0, count: 64 * 1024)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            return Array(chunk.prefix(max(0, count)))
        }

        /// Whether something can be read at this moment.
        var hasAnswer: Bool {
            var byte: UInt8 = 0
            return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) >= 0
        }

        /// Reads until the other side closes.
        func readAll() -> [UInt8] {
            var received: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let count = recv(descriptor, &chunk, chunk.count, 0)
                guard count > 0 else { return received }
                received += chunk[..<count]
            }
        }
    }
}
