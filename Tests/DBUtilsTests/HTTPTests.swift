import Testing

@testable import DBUtils

@Suite struct HTTPTests {
    private let value = #"{"value":"YQ=="}"#

    struct Framing: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var closes = false
    }

    static let framings = [
        Framing(testDescription: "length", answer: "HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"value\":\"YQ==\"}"),
        Framing(
            testDescription: "chunks",
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\n{\r\n0A;x=\"y\"\r\n\"value\":\"Y\r\n5 \r\nQ==\"}\r\n0\r\nTrailer: x\r\n\r\n"
        ),
        Framing(testDescription: "close", answer: "HTTP/1.1 200 OK\r\n\r\n{\"value\":\"YQ==\"}", closes: true),
        Framing(testDescription: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\n\r\n{\"value\":\"YQ==\"}", closes: true),
        Framing(
            testDescription: "interim answer",
            answer: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200\r\nContent-Length: 16\r\n\r\n"
                + "{\"value\":\"YQ==\"}"
        ),
        Framing(
            testDescription: "bare line feeds", answer: "HTTP/1.1 200 OK\nContent-Length: 16\n\n{\"value\":\"YQ==\"}"),
    ]

    @Test(arguments: framings)
    func everyFramingIsUnderstoodHoweverItIsCut(framing: Framing) throws {
        let answer = StandInServer.Answer.raw(framing.answer, closes: framing.closes)
        let server = StandInServer(answer, answer.byteByByte)
        let secrets = SecretUtilities { server.variable($0) }
        #expect(try secrets.get(scope: "s", key: "k") == "a")
        #expect(try secrets.get(scope: "s", key: "k") == "a")
        #expect(server.connectionCount == (framing.closes ? 2 : 1))
    }

    @Test func connectionIsNotReusedWhenTheAnswerSaysSo() throws {
        let answer = "HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 16\r\n\r\n\(value)"
        let server = StandInServer(.raw(answer, closes: true), .raw(answer, closes: true))
        let secrets = SecretUtilities { server.variable($0) }
        #expect(try secrets.get(scope: "s", key: "k") == "a")
        #expect(try secrets.get(scope: "s", key: "k") == "a")
        #expect(server.requests.count == 2)
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /x\r\n\r\n",
    ])
    func answerThatIsNotHTTPIsMalformed(answer: String) throws {
        let server = StandInServer(.raw(answer))
        let secrets = SecretUtilities { server.variable($0) }
        let error = #expect(throws: DBUtilsError.self) { try secrets.get(scope: "s", key: "k") }
        #expect(error?.errorCode == "MALFORMED_RESPONSE")
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ])
    func answerThatBreaksOffIsUnavailable(answer: String) throws {
        let server = StandInServer(.raw(answer))
        let secrets = SecretUtilities { server.variable($0) }
        let error = #expect(throws: DBUtilsError.self) { try secrets.get(scope: "s", key: "k") }
        #expect(error?.errorCode == "TEMPORARILY_UNAVAILABLE")
    }

    @Test func headerSectionHasALimit() throws {
        let line = "X: \(String(repeating: "y", count: 1000))\r\n"
        let server = StandInServer(.raw("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 100)))
        let secrets = SecretUtilities { server.variable($0) }
        let error = #expect(throws: DBUtilsError.self) { try secrets.get(scope: "s", key: "k") }
        #expect(error?.errorCode == "MALFORMED_RESPONSE")
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", 0x7F00_0001, 8080), ("HTTP://localhost:1/", 0x7F00_0001, 1),
        ("http://127.1.2.3", 0x7F01_0203, 80), ("http://localhost:65535", 0x7F00_0001, 65535),
    ])
    func loopbackAddressesAreTaken(text: String, address: Int, port: Int) {
        let run = RunAddress(text)
        #expect(run.map { Int($0.address) } == address)
        #expect(run.map { Int($0.port) } == port)
    }

    @Test(arguments: [
        "", "http://", "https://127.0.0.1:1", "127.0.0.1:1", "http://10.0.0.1:1", "http://example.com:1",
        "http://127.0.0.1:0", "http://127.0.0.1:65536", "http://127.0.0.1:", "http://127.0.0.1:1:2", "http://127.0.0:1",
        "http://127.0.0.256:1", "http://127.0.0.1:1/x", "http://user@127.0.0.1:1", "http://[::1]:1",
        "http://127.0.0.+1:1",
    ])
    func anythingElseIsNoRun(text: String) {
        #expect(RunAddress(text) == nil)
    }
}
