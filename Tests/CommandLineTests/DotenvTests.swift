import Foundation
import RepeatableRandomness
import SecretMemory
import TestPrograms
import Testing

@testable import hush

/// `.env` files against python-dotenv.
@Suite struct DotenvTests {
    private static let pool = SecretPool()

    private static func secret(_ text: String) -> SecretBytes {
        SecretBytes(copying: Array(text.utf8).span.bytes, in: pool)
    }

    private static func text(_ secret: SecretBytes) -> String {
        secret.withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    private static func read(_ text: String) throws(SecretTextProblem) -> [String: String] {
        let secrets = try SecretTextFormat.env.secrets(in: secret(text), pool: pool)
        return Dictionary(uniqueKeysWithValues: secrets.map { ($0.name, Self.text($0.value)) })
    }

    private static func readByPython(_ text: SecretBytes) async throws -> [String: String] {
        let folder = try TestFolder()
        let path = folder.path("values.env")
        try Data(text.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }).write(to: URL(fileURLWithPath: path))
        let output = try await PythonProgram.run("CommandLineTests/read_dotenv.py", [path])
        let values = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: String]
        return try #require(values).mapValues { hexadecimal in
            let digits = Array(hexadecimal)
            let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0..<$0 + 2]), radix: 16)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    @Test func whatIsWrittenIsReadBackByPythonDotenvAndHere() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "a", "b7", " ", "  ", "\n", "\r", "\r\n", "\t", "'", "\"", "`", "\\", "\\n", "\\'", "\\\"", "\\\\", "#",
            " #", "=",
            "$", "$x", "{", "}", "é", "日", "\u{2028}", "\u{A0}", "\u{1}", "\u{7F}", "export ", "%", "~", "!",
        ]
        var wanted: [String: String] = [
            "EMPTY": "", "JSON": "{\"a\": \"b\\n\", 'c': $1}", "PEM": "-----BEGIN X-----\nAA==\n",
        ]
        for number in 0..<500 {
            let count = Int.random(in: 0...6, using: &random)
            wanted["V\(number)"] = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        var secrets: [NamedSecret] = []
        for (name, value) in wanted.sorted(by: { $0.key < $1.key }) {
            let secret = NamedSecret(name: name, value: Self.secret(value))
            do throws(SecretTextProblem) {
                _ = try SecretTextFormat.env.text(of: [secret], pool: Self.pool)
                secrets.append(secret)
            } catch {
                // What readers get wrong is refused, and nothing else.
                let isReference = value.contains("${")
                let endsWrongly = value.hasSuffix("\\") && value.contains { !$0.isLetter }
                #expect(isReference || endsWrongly, "seed \(seed): \(value.debugDescription): \(error.reason)")
                wanted[name] = nil
            }
        }
        #expect(secrets.count > 400, "seed \(seed)")
        let written = try SecretTextFormat.env.text(of: secrets, pool: Self.pool)
        let read = try await Self.readByPython(written)
        for (name, value) in wanted {
            #expect(read[name] == value, "seed \(seed): \(value.debugDescription) is \(read[name].debugDescription)")
        }
        #expect(read.count == wanted.count)
        let readHere = try Self.read(Self.text(written))
        #expect(readHere == wanted, "seed \(seed)")
    }

    /// Files as people write them.
    @Test func filesAreReadAsPythonDotenvReadsThem() async throws {
        let text = """
            # The database.
            DB_HOST=db.example.com
            export DB_USER = app   # who
              DB_PASSWORD='p#ss w\\'rd'

            DB_URL="postgres://app:p%40ss@db/x?a=b#c" # behind
            MULTI="first
            second\\tthird"
            EMPTY=
            SPACE = ''
            LITERAL='${HOME_OF_NOBODY' # no reference
            HASH=a#b
            UNICODE=schlüssel
            ESCAPES="a\\\\b \\"c\\" \\$d \\x"
            BACKSLASH=C:\\temp\\new
            LAST=no line end
            """
        for ends in [text, text.replacingOccurrences(of: "\n", with: "\r\n")] {
            let here = try Self.read(ends)
            // Python takes the line ends within values for its own.
            let expected = try await Self.readByPython(Self.secret(ends))
            #expect(here.mapValues { $0.replacingOccurrences(of: "\r\n", with: "\n") } == expected)
            #expect(here.count == 13)
        }
    }

    @Test(arguments: [
        ("A=1\nB\n", 2, 2, "there is no ="), ("A=1\n=2\n", 2, 1, "a name is missing"),
        ("A=1\nB C=2\n", 2, 3, "there is no ="), ("A='x\nB=2\n", 1, 3, "the quote is not closed"),
        ("A=1\n\nA=2\n", 3, 1, "A stands here again; it is already in line 1"),
        ("A=\"x\" y\n", 1, 7, "there is text behind the closing quote"),
        ("A=x${HOME}\n", 1, 4, "the value refers to another variable"),
        ("A=\"${HOME}\"\n", 1, 4, "the value refers to another variable"),
        ("A=#b\n", 1, 3, "a value that begins with # is a comment for some"),
    ])
    func whatReadersDisagreeAboutIsNamedWithItsPlace(text: String, line: Int, column: Int, reason: String) throws {
        let problem = #expect(throws: SecretTextProblem.self) { try Self.read(text) }
        #expect(problem?.line == line && problem?.column == column, "\(problem as Any)")
        #expect(problem?.reason.hasPrefix(reason) == true, "\(problem as Any)")
    }

    @Test(arguments: [[0xFF, 0xFE], [0x61, 0x00]] as [[UInt8]])
    func bytesThatAreNoTextAreRefused(bytes: [UInt8]) {
        let secret = NamedSecret(name: "A", value: SecretBytes(copying: bytes.span.bytes, in: Self.pool))
        #expect(throws: SecretTextProblem.self) { try SecretTextFormat.env.text(of: [secret], pool: Self.pool) }
    }

    @Test(arguments: [
        ("{\"a\": 1}", 1, 7, "the value of a is no text; put it in quotes"),
        ("{\"a\": \"1\",\n \"a\": \"2\"}", 2, 3, "a stands here again"),
        ("{\"a\": {\"b\": \"c\"}}", 1, 7, "the value of a is no text"), ("[]", 1, 1, "not a JSON object"),
        ("{\"a\": \"1\"", 1, 10, ""),
    ])
    func jsonProblemIsNamedWithItsPlace(text: String, line: Int, column: Int, reason: String) throws {
        let problem = #expect(throws: SecretTextProblem.self) {
            try SecretTextFormat.json.secrets(in: Self.secret(text), pool: Self.pool)
        }
        #expect(problem?.line == line && problem?.column == column, "\(problem as Any)")
        #expect(problem?.reason.hasPrefix(reason) == true, "\(problem as Any)")
    }
}
