import Glibc
import Synchronization

/// Answers HTTP requests on a loopback port with prepared bytes: a real socket, and nothing behind it.
///
/// Every connection has a thread of its own. A connection is closed behind an answer that says so, and when there is no
/// answer left. The port stays taken as long as the server lives, so that no other server gets it meanwhile.
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

    let port: UInt16
    private let service: Service

    /// Gives each of `answers` to one request, in this order, and closes behind the last one.
    convenience init(_ answers: Answer...) {
        self.init(answers: answers)
    }

    /// The same; in the place of an answer, `nil` closes the connection without one.
    convenience init(answers: [Answer?]) {
        let queue = Mutex(answers[...])
        self.init { _ in
            queue.withLock { queue in
                guard var answer = queue.popFirst() ?? nil else { return nil }
                answer.closes = answer.closes || queue.isEmpty
                return answer
            }
        }
    }

    /// Answers each request, which it hands to `answer`, with what that returns; `nil` closes the connection.
    init(answering answer: @escaping @Sendable (_ request: String) -> Answer?) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                precondition(bind(listener, address, length) == 0 && listen(listener, 64) == 0)
                precondition(getsockname(listener, address, &length) == 0)
            }
        }
        self.port = UInt16(bigEndian: address.sin_port)
        let service = Service(listener: listener, answer: answer)
        self.service = service
        startThread { service.acceptConnections() }
    }

    deinit {
        service.stop()
    }

    /// The variables of a run whose broker this is.
    func variable(_ name: String) -> String? {
        ["DATABRICKS_HOST": "http://127.0.0.1:\(port)", "DATABRICKS_TOKEN": "run-token-0123"][name]
    }

    var requests: [String] { service.state.withLock { $0.requests } }
    var connectionCount: Int { service.state.withLock { $0.connectionCount } }

    /// Waits until `count` answers have been sent to their ends.
    func waitForAnswers(_ count: Int) {
        while service.state.withLock({ $0.answerCount }) < count { sched_yield() }
    }

    /// Waits until `count` connections are closed.
    func waitForClosedConnections(_ count: Int) {
        while service.state.withLock({ $0.closedCount }) < count { sched_yield() }
    }

    /// Refuses connections from now on.
    func stop() {
        service.stop()
    }
}

/// What the threads of a server share; lives until the last of them has ended.
private final class Service: Sendable {
    struct State {
        var requests: [String] = []
        var connectionCount = 0
        var answerCount = 0
        var closedCount = 0
    }

    let state = Mutex(State())
    private let listener: Int32
    private let answer: @Sendable (String) -> StandInServer.Answer?

    init(listener: Int32, answer: @escaping @Sendable (String) -> StandInServer.Answer?) {
        self.listener = listener
        self.answer = answer
    }

    deinit {
        close(listener)
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            // Every part is to leave by itself.
            var isOn: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
            state.withLock { $0.connectionCount += 1 }
            startThread {
                self.serve(connection)
                close(connection)
                self.state.withLock { $0.closedCount += 1 }
            }
        }
    }

    private func serve(_ connection: Int32) {
        while let request = readRequest(connection) {
            state.withLock { $0.requests.append(request) }
            guard let answer = answer(request) else { return }
            for part in answer.parts {
                _ = send(connection, part, part.count, Int32(MSG_NOSIGNAL))
            }
            state.withLock { $0.answerCount += 1 }
            if answer.closes { return }
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
}

/// Runs `body` in a new thread: the pool of tasks is too small for code that waits for sockets.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
    var thread = pthread_t()
    let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
    }
    let result = pthread_create(&thread, nil, start, Unmanaged.passRetained(Work(body)).toOpaque())
    precondition(result == 0, "no thread could be started")
    pthread_detach(thread)
}
