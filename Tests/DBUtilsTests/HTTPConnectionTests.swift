import Glibc
import RepeatableRandomness
import Testing

@testable import DBUtils

/// ``HTTPConnection`` over a socket that keeps the borders of what is sent: each packet is exactly one read.
@Suite struct HTTPConnectionTests {
    struct Outcome: Equatable {
        var status: Int
        var body: [UInt8]
        var keepsAlive: Bool
        var isAtMessageEnd: Bool
    }

    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var body = "hello, world"
        var endsByClosing = false
    }

    static let examples = [
        Example(testDescription: "length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world"),
        Example(
            testDescription: "chunks",
            answer:
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n007;a=b\r\n, world\r\n0\r\nX: y\r\n\r\n"
        ),
        Example(testDescription: "no body", answer: "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", body: ""),
        Example(testDescription: "status without body", answer: "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", body: ""),
        Example(
            testDescription: "interim answers",
            answer: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world"
        ),
        Example(testDescription: "until closed", answer: "HTTP/1.1 200 OK\r\n\r\nhello, world", endsByClosing: true),
    ]

    /// What is made of `packets`, behind which the other side closes.
    private func read(_ packets: [[UInt8]]) throws -> Outcome {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        defer { close(ends[0]) }
        do {
            defer { close(ends[1]) }
            for packet in packets {
                try #require(send(ends[1], packet, packet.count, Int32(MSG_DONTWAIT)) == packet.count)
            }
        }
        var connection = HTTPConnection(descriptor: ends[0])
        let head = try connection.readHead()
        let body = try connection.readBody(of: head)
        return Outcome(
            status: head.status,
            body: [UInt8](body.bytes),
            keepsAlive: head.keepsAlive,
            isAtMessageEnd: connection.isAtMessageEnd
        )
    }

    private func code(of packets: [[UInt8]]) -> String? {
        do {
            _ = try read(packets)
            return nil
        } catch {
            return (error as? DBUtilsError)?.errorCode ?? "\(error)"
        }
    }

    @Test(arguments: examples)
    func answerIsTheSameWhereverItIsCut(example: Example) throws {
        let answer = Array(example.answer.utf8)
        let whole = try read([answer])
        #expect(whole.body == Array(example.body.utf8))
        #expect(whole.keepsAlive == !example.endsByClosing)
        #expect(whole.isAtMessageEnd)
        for cut in 1..<answer.count {
            #expect(try read([Array(answer[..<cut]), Array(answer[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(try read(answer.map { [$0] }) == whole)
    }

    @Test(arguments: examples.filter { !$0.endsByClosing })
    func answerThatEndsEarlyIsNoAnswer(example: Example) {
        let answer = Array(example.answer.utf8)
        for end in 0..<answer.count {
            let packets = end == 0 ? [] : [Array(answer[..<end])]
            #expect(code(of: packets) == "TEMPORARILY_UNAVAILABLE", "\(end) bytes")
        }
    }

    @Test func everyBodyArrivesInWhateverChunks() throws {
        var random = SeededGenerator()
        for _ in 0..<100 {
            let body = random.bytes(random.number(0...4000))
            var answer = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            for chunk in random.pieces(of: body, upTo: 700) {
                let size = String(chunk.count, radix: 16, uppercase: Bool.random(using: &random))
                answer += Array("\(size)\r\n".utf8) + chunk + Array("\r\n".utf8)
            }
            answer += Array("0\r\n\r\n".utf8)
            let outcome = try read(random.pieces(of: answer, upTo: 300))
            let expected = Outcome(status: 200, body: body, keepsAlive: true, isAtMessageEnd: true)
            guard outcome == expected else {
                Issue.record("seed \(random.seed): \(body.count) bytes")
                return
            }
        }
    }

    @Test(arguments: ["", " 5", "5 5", "0x5", "+5", "-5", "5_", "five", "١", ";a=b", "8000000000000000"])
    func chunkWhoseSizeIsNoNumberIsMalformed(size: String) {
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\nhello\r\n0\r\n\r\n"
        #expect(code(of: [Array(answer.utf8)]) == "MALFORMED_RESPONSE")
    }

    /// Without the limit the first of these would take all memory.
    @Test(arguments: [
        "Content-Length: 67108865\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n4000001\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n4000000\r\n",
    ])
    func bodyHasALimit(rest: String) {
        #expect(HTTPConnection.bodyLimit == 67_108_864)
        #expect(code(of: [Array("HTTP/1.1 200 OK\r\n\(rest)".utf8)]) == "MALFORMED_RESPONSE")
    }

    @Test func lineOfAChunkHasALimit() {
        let head = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;".utf8)
        let endless = [[UInt8]](repeating: [UInt8](repeating: UInt8(ascii: "x"), count: 16 * 1024), count: 5)
        #expect(code(of: [head] + endless) == "MALFORMED_RESPONSE")
    }

    /// What comes unasked must not be taken for the answer to the next question.
    @Test func bytesBehindAnAnswerAreNoticed() throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        #expect(try read([Array(answer.utf8)]).isAtMessageEnd)
        #expect(try !read([Array("\(answer)\(answer)".utf8)]).isAtMessageEnd)
        #expect(try !read([Array("\(answer)!".utf8)]).isAtMessageEnd)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x\r\nConnection: Close", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: closed", true),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive", true), ("HTTP/1.1 200 OK", false),
    ])
    func connectionIsKeptAsTheAnswerSays(head: String, keepsAlive: Bool) throws {
        #expect(try read([Array("\(head)\r\n\r\n".utf8)]).keepsAlive == keepsAlive)
    }
}
