import Glibc
import Synchronization

/// Answers HTTP requests on a loopback port with prepared bytes: a real socket, and nothing behind it.
///
/// Each answer serves one request; a connection is closed behind an answer that says so, or when the answers are used
/// up.
final class StandInServer: Sendable {
    struct Answer: Sendable {
        /// What is sent, each part with a call of its own.
        var parts: [[UInt8]]
        /// Whether the connection is closed behind it.
        var closes = false

        /// Bytes as they are.
        static func raw(_ text: String, closes: Bool = false) -> Answer {
            Answer(parts: [Array(text.utf8)], closes: closes)
        }

        /// A JSON answer with its length.
        static func json(_ body: String, status: String = "200 OK") -> Answer {
            .raw("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// The same answer, sent byte by byte.
        var byteByByte: Answer {
            Answer(parts: parts.joined().map { [$0] }, closes: closes)
        }
    }

    private struct State {
        var answers: [Answer]
        var requests: [String] = []
        var connectionCount = 0
    }

    let port: UInt16
    private let listener: Int32
    private let state: Mutex<State>

    init(_ answers: Answer...) {
        self.state = Mutex(State(answers: answers))
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
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
        startThread { server in server.acceptConnections() }
    }

    deinit {
        close(listener)
    }

    /// The variables of a run whose broker this is.
    func variable(_ name: String) -> String? {
        ["DATABRICKS_HOST": "http://127.0.0.1:\(port)", "DATABRICKS_TOKEN": "run-token-0123"][name]
    }

    var requests: [String] { state.withLock { $0.requests } }
    var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// Ends the server: no answer is left, and no connection is accepted any more.
    func stop() {
        state.withLock { $0.answers = [] }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            state.withLock { $0.connectionCount += 1 }
            serve(connection)
            close(connection)
        }
    }

    private func serve(_ connection: Int32) {
        while let request = readRequest(connection) {
            let answer = state.withLock { state -> Answer? in
                state.requests.append(request)
                return state.answers.isEmpty ? nil : state.answers.removeFirst()
            }
            guard let answer else { return }
            for part in answer.parts {
                _ = send(connection, part, part.count, Int32(MSG_NOSIGNAL))
            }
            if answer.closes || state.withLock({ $0.answers.isEmpty }) { return }
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

    private func startThread(_ body: @escaping @Sendable (StandInServer) -> Void) {
        final class Work: Sendable {
            let server: StandInServer
            let body: @Sendable (StandInServer) -> Void

            init(_ server: StandInServer, _ body: @escaping @Sendable (StandInServer) -> Void) {
                self.server = server
                self.body = body
            }
        }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(self, body))
        pthread_create(&thread, nil, { argument in
            if let argument {
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                work.body(work.server)
            }
            return nil
        }, work.toOpaque())
        pthread_detach(thread)
    }
}
