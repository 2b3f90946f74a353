import Glibc
import RepeatableRandomness
import Synchronization
import Testing

@testable import DBUtils

/// How questions go to the broker.
@Suite struct RunClientTests {
    @Test(arguments: UInt8.min...0x7F)
    func onlyUnreservedCharactersStandForThemselves(character: UInt8) {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        let text = String(decoding: [character], as: UTF8.self)
        let digits = String(character, radix: 16, uppercase: true)
        let escape = "%" + String(repeating: "0", count: 2 - digits.count) + digits
        #expect(RunClient.percentEncoded(text) == (unreserved.contains(text) ? text : escape))
    }

    @Test func everyTextCanBeReadBackFromAQuery() {
        var random = SeededGenerator()
        for _ in 0..<1000 {
            let text = String(decoding: random.bytes(random.number(0...20)), as: UTF8.self)
            guard percentDecoded(RunClient.percentEncoded(text)) == Array(text.utf8) else {
                Issue.record("seed \(random.seed): \(text)")
                return
            }
        }
    }

    private func percentDecoded(_ text: String) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            decoded.append(value)
            rest = rest.dropFirst(2)
        }
        return decoded
    }

    @Test func requestIsAGetRequestWithoutABody() throws {
        let server = StandInServer(.json("{}"))
        let response = try RunClient { server.variable($0) }.get("/p", query: [("a", "1 2"), ("b", ""), ("c", "&")])
        #expect(response.status == 200)
        #expect(
            server.requests == [
                "GET /p?a=1%202&b=&c=%26 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
                    + "Authorization: Bearer run-token-0123\r\nAccept: application/json\r\n"
                    + "User-Agent: hush-dbutils/1\r\n\r\n"
            ]
        )
    }

    /// Each of many threads gets the answer to its own question, over connections that go from one to the next.
    @Test func threadsGetTheirOwnAnswers() async throws {
        // The value of every secret is its own key: "GET /api/2.0/secrets/get?scope=s&key=KEY HTTP/1.1…".
        let server = StandInServer { .value($0.components(" ")[1].components("key=")[1].utf8).byteByByte }
        let secrets = SecretUtilities { server.variable($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for round in 0..<25 {
                        let key = "key-\(thread)-\(round)"
                        let value = try secrets.get(scope: "s", key: key)
                        #expect(value == key)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(server.requests.count == 200)
        #expect(server.connectionCount <= 8, "idle connections were not reused")
    }

    /// What a broker says unasked must not become the answer to the next question.
    @Test func answerThatNobodyAskedForIsNotTaken() throws {
        let server = StandInServer { request in
            guard request.contains("key=1 ") else { return .value("b".utf8) }
            let answers = [StandInServer.Answer.value("a".utf8), .value("unasked".utf8)]
            return StandInServer.Answer(parts: answers.flatMap(\.parts))
        }
        let secrets = SecretUtilities { server.variable($0) }
        for round in 0..<20 {
            #expect(try secrets.get(scope: "s", key: "1") == "a")
            server.waitForAnswers(2 * round + 1)
            #expect(try secrets.get(scope: "s", key: "2") == "b")
        }
    }

    @Test func questionIsAskedAgainWhenAnIdleConnectionClosesInsteadOfAnswering() throws {
        let server = StandInServer(answers: [.value("a".utf8), nil, .value("b".utf8)])
        let secrets = SecretUtilities { server.variable($0) }
        #expect(try secrets.get(scope: "s", key: "1") == "a")
        #expect(try secrets.get(scope: "s", key: "2") == "b")
        #expect(server.requests.map { $0.contains("key=2 ") } == [false, true, true])
    }

    @Test func questionIsNotAskedAgainOverANewConnection() throws {
        let server = StandInServer(answers: [nil, .value("a".utf8)])
        let secrets = SecretUtilities { server.variable($0) }
        let error = #expect(throws: DBUtilsError.self) { try secrets.get(scope: "s", key: "1") }
        #expect(
            error?.description == "TEMPORARILY_UNAVAILABLE: the run does not answer: it closed the connection."
        )
        #expect(server.requests.count == 1)
    }

    /// An answer that has begun says that the question was taken, and asking again would be a second read.
    @Test func questionIsNotAskedAgainOnceAnAnswerHasBegun() throws {
        let server = StandInServer(answers: [.value("a".utf8), .raw("HTTP/1.1 2", closes: true), .value("b".utf8)])
        let secrets = SecretUtilities { server.variable($0) }
        #expect(try secrets.get(scope: "s", key: "1") == "a")
        let error = #expect(throws: DBUtilsError.self) { try secrets.get(scope: "s", key: "2") }
        #expect(error?.errorCode == "TEMPORARILY_UNAVAILABLE")
        #expect(server.requests.count == 2)
    }

    @Test func longestValueArrives() throws {
        var random = SeededGenerator()
        // 131,072 bytes, the most that a secret may have, are 1365 blocks of 96 and one of 32; encoding so many bytes bit
        // by bit would take seconds.
        let block = random.bytes(96)
        let encoded = [[UInt8]](repeating: Base64Encoding.encode(block), count: 1365).joined()
        let text = String(decoding: encoded + Base64Encoding.encode(Array(block[..<32])), as: UTF8.self)
        let server = StandInServer(.json(#"{"key":"k","value":"\#(text)"}"#))
        let value = try SecretUtilities { server.variable($0) }.getBytes(scope: "s", key: "k")
        let expected = [[UInt8]](repeating: block, count: 1366).joined().prefix(131_072)
        #expect(value.elementsEqual(expected), "seed \(random.seed)")
    }

    @Test func connectionEndsSomeTimeAndIsNotInherited() throws {
        let server = StandInServer(.json("{}"))
        let address = try #require(RunAddress("http://127.0.0.1:\(server.port)"))
        let descriptor = try address.connect(timeoutSeconds: 7)
        defer { close(descriptor) }
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var timeout = timeval()
            var size = socklen_t(MemoryLayout<timeval>.size)
            try #require(getsockopt(descriptor, SOL_SOCKET, option, &timeout, &size) == 0)
            #expect(timeout.tv_sec == 7)
        }
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        withExtendedLifetime(server) {}
    }

    @Test func connectionsAreKeptForEachBrokerByItself() throws {
        let first = StandInServer { _ in .value("a".utf8) }
        let second = StandInServer { _ in .value("b".utf8) }
        let current = Mutex(first)
        let secrets = SecretUtilities { name in current.withLock { $0 }.variable(name) }
        #expect(try secrets.get(scope: "s", key: "k") == "a")
        current.withLock { $0 = second }
        #expect(try secrets.get(scope: "s", key: "k") == "b")
        current.withLock { $0 = first }
        #expect(try secrets.get(scope: "s", key: "k") == "a")
        #expect(first.connectionCount == 1)
        #expect(second.connectionCount == 1)
    }

    @Test func connectionsAreClosedWithTheirClient() throws {
        let server = StandInServer { _ in .value("a".utf8) }
        do {
            let secrets = SecretUtilities { server.variable($0) }
            #expect(try secrets.get(scope: "s", key: "k") == "a")
        }
        server.waitForClosedConnections(1)
    }
}
