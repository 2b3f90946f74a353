import Redaction
import RedactionReference
import SecretMemory
import Testing

/// The rules of redaction one by one, as tables.
struct RuleTests {
    struct Row: CustomTestStringConvertible {
        var rule: String
        var values: [String]
        var input: String
        var output: String
        var testDescription: String { rule }
    }

    static let covering = [
        Row(
            rule: "overlapping occurrences become one",
            values: ["abcdefgh", "efghijkl"],
            input: "<abcdefghijkl>",
            output: "<[REDACTED]>"
        ),
        Row(
            rule: "occurrences of one value that overlap become one",
            values: ["abcab"],
            input: "abcabcabx",
            output: "[REDACTED]x"
        ),
        Row(
            rule: "adjacent occurrences become one each",
            values: ["hunter22"],
            input: "hunter22hunter22",
            output: "[REDACTED][REDACTED]"
        ),
        Row(
            rule: "adjacent ranges that a later occurrence bridges become one",
            values: ["aaaa", "bbbb", "aaabb"],
            input: "aaaabbbb",
            output: "[REDACTED]"
        ),
        Row(
            rule: "a value inside another is covered with it",
            values: ["hunter22", "xxhunter22xx"],
            input: "xxhunter22xx xxhunter22x",
            output: "[REDACTED] xx[REDACTED]x"
        ),
        Row(
            rule: "a value that starts like another leaves no tail",
            values: ["hunter22", "hunter22-long"],
            input: "hunter22-long",
            output: "[REDACTED]"
        ),
        Row(rule: "case counts", values: ["hunter22"], input: "Hunter22", output: "Hunter22"),
        Row(rule: "ordinary text passes", values: ["hunter22"], input: "hunter2 hunter", output: "hunter2 hunter"),
        Row(rule: "no value, no change", values: [], input: "hunter22", output: "hunter22"),
        Row(rule: "nothing in, nothing out", values: ["hunter22"], input: "", output: ""),
    ]

    static let strength = [
        Row(
            rule: "a common word counts only as a whole word",
            values: ["test"],
            input: "test, attest tests test2 2test (test) te-test",
            output: "[REDACTED], attest tests test2 2test ([REDACTED]) te-[REDACTED]"
        ),
        Row(rule: "a word at both ends of the output", values: ["test"], input: "test", output: "[REDACTED]"),
        Row(
            rule: "the list of common words ignores case, the search does not",
            values: ["TEST"],
            input: "TEST test aTEST",
            output: "[REDACTED] test aTEST"
        ),
        Row(
            rule: "fewer than 6 digits count only as a whole word",
            values: ["12345"],
            input: "12345 123456 a12345 -12345-",
            output: "[REDACTED] 123456 a12345 -[REDACTED]-"
        ),
        Row(rule: "6 digits count everywhere", values: ["123456"], input: "91234567", output: "9[REDACTED]7"),
        Row(rule: "fewer than 4 bytes are not redacted", values: ["abc"], input: "abc", output: "abc"),
        Row(rule: "4 bytes are redacted", values: ["abcz"], input: "xabczx", output: "x[REDACTED]x"),
        Row(rule: "white space alone is not redacted", values: ["     "], input: "a       b", output: "a       b"),
        Row(rule: "_ is a boundary", values: ["admin"], input: "admin_x", output: "[REDACTED]_x"),
        Row(
            rule: "bytes from 0x80 on are boundaries",
            values: ["test"],
            input: "‘test’ →test← étest",
            output: "‘[REDACTED]’ →[REDACTED]← é[REDACTED]"
        ),
        Row(
            rule: "a word inside a value is covered with it, and counts by itself only between boundaries",
            values: ["test", "test-abcd"],
            input: "test-abcd test-abc testabc",
            output: "[REDACTED] [REDACTED]-abc testabc"
        ),
        Row(
            rule: "a word right behind a value is a whole word if the value ends in a boundary",
            values: ["test", "abcd-"],
            input: "abcd-test",
            output: "[REDACTED][REDACTED]"
        ),
    ]

    static let lines = [
        Row(
            rule: "each line of at least 8 bytes is a form",
            values: ["first-line\nsecond-line\nshort"],
            input: "a first-line b second-line c short",
            output: "a [REDACTED] b [REDACTED] c short"
        ),
        Row(
            rule: "lines of a value with CRLF are without CR",
            values: ["first-line\r\nsecond-line"],
            input: "first-line\rsecond-line",
            output: "[REDACTED]\r[REDACTED]"
        ),
        Row(
            rule: "a final line break does not hide the line",
            values: ["hunter22\n"],
            input: "hunter22 hunter22\n",
            output: "[REDACTED] [REDACTED]"
        ),
        Row(
            rule: "LF becomes CRLF on a terminal",
            values: ["ab-1\ncd-2\nef-3"],
            input: "<ab-1\r\ncd-2\r\nef-3> <ab-1\ncd-2\nef-3>",
            output: "<[REDACTED]> <[REDACTED]>"
        ),
        Row(
            rule: "CRLF becomes LF in a text file",
            values: ["ab-1\r\ncd-2\r\nef-3"],
            input: "<ab-1\ncd-2\nef-3>",
            output: "<[REDACTED]>"
        ),
        Row(
            rule: "mixed line ends become all LF or all CRLF",
            values: ["ab-1\r\ncd-2\nef-3"],
            input: "<ab-1\ncd-2\nef-3> <ab-1\r\ncd-2\r\nef-3>",
            output: "<[REDACTED]> <[REDACTED]>"
        ),
        Row(
            rule: "what is derived and has fewer than 8 bytes counts only as a whole word",
            values: ["ab1\ncd"],
            input: "ab1\r\ncd xab1\r\ncd xab1\ncdx",
            output: "[REDACTED] xab1\r\ncd x[REDACTED]x"
        ),
        Row(
            rule: "a line that is a common word counts only as a whole word",
            values: ["passwords\nand-others"],
            input: "passwords mypasswords",
            output: "[REDACTED] mypasswords"
        ),
        Row(
            rule: "a line of white space or of a bracket is no form",
            values: ["{\n          \n        }\n}"],
            input: "          \n        }",
            output: "          \n        }"
        ),
        Row(
            rule: "a weak value has no derived forms",
            values: ["true\n"],
            input: "true\r\n true\n",
            output: "true\r\n [REDACTED]"
        ),
    ]

    @Test(arguments: covering + strength + lines)
    func rule(row: Row) throws {
        let redactor = try Redactor(row.values)
        #expect(redactor.redact(row.input) == row.output)
        let bytes = Array(row.input.utf8)
        let single = redactor.output(of: bytes.map { [$0] })
        #expect(String(decoding: single, as: UTF8.self) == row.output, "byte by byte")
        #expect(redactor.contains(bytes) == (row.input != row.output))
    }

    @Test
    func everyByteIsSearchedForAndPassed() throws {
        let value = (0...255).map { UInt8($0) }
        let redactor = try Redactor([value], pool: SecretPool())
        let noise = Array(value.reversed())
        #expect(redactor.redact(noise) == noise)
        #expect(redactor.redact(noise + value + noise) == noise + Reference.replacement + noise)
    }

    @Test
    func invalidUTF8IsLeftAsItIs() throws {
        let redactor = try Redactor(["hunter22"])
        let broken: [UInt8] = [0xFF, 0x00, 0xC3, 0x28, 0xED, 0xA0, 0x80]
        #expect(redactor.redact(broken + Array("hunter22".utf8) + broken) == broken + Reference.replacement + broken)
    }

    @Test
    func characterThatAValueCutsIsRepairedInText() throws {
        let redactor = try Redactor([Array("abcd".utf8) + [0xC3]], pool: SecretPool())
        #expect(redactor.redact("abcdé") == "[REDACTED]\u{FFFD}")
    }
}
