import Redaction
import SecretMemory
import Testing

/// The rows of the checklist of Databricks' behaviour that are about redaction.
@Suite struct ChecklistTests {
    @Test("Row 86: a value that is printed is replaced", arguments: ["hunter22", "pässwörd", "p@$$ w0rd\"'"])
    func printed(value: String) throws {
        let redactor = try Redactor([value])
        #expect(redactor.redact("\(value)\n") == "[REDACTED]\n")
    }

    @Test(
        "Row 87: inside a longer text only the value is replaced",
        arguments: [
            ("url=https://me:hunter22@db/x", "url=https://me:[REDACTED]@db/x"), ("xhunter22x", "x[REDACTED]x"),
            ("hunter22 and hunter22", "[REDACTED] and [REDACTED]"), ("hunter2 hunter", "hunter2 hunter"),
        ]
    )
    func insideText(input: String, output: String) throws {
        #expect(try Redactor(["hunter22"]).redact(input) == output)
    }

    @Test(
        "Row 88: at the level of Databricks a value that is printed backwards or spaced out passes, as it does there",
        arguments: ["22retnuh", "h u n t e r 2 2", "h\nu\nn\nt\ne\nr\n2\n2\n", "HUNTER2 2", "hunter2"]
    )
    func transformed(text: String) throws {
        #expect(try Redactor(["hunter22"], level: .literal).redact(text) == text)
    }

    @Test("Row 89: a value that comes in two writes is replaced", arguments: 0...8)
    func inTwoWrites(cut: Int) throws {
        let value = Array("hunter22".utf8)
        let redactor = try Redactor([value], pool: SecretPool())
        let output = redactor.output(of: [Array(value[..<cut]), Array(value[cut...])])
        #expect(String(decoding: output, as: UTF8.self) == "[REDACTED]")
    }

    @Test("Row 90: what a program gets is never altered, only what a stream hands on")
    func returnedData() throws {
        let pool = SecretPool()
        let value = SecretBytes(Array("hunter22".utf8), in: pool)
        let redactor = Redactor(pool: pool)
        try redactor.add(value)
        let data = Array("a hunter22 b".utf8)
        let redacted = redactor.redact(data)
        #expect(String(decoding: redacted, as: UTF8.self) == "a [REDACTED] b")
        #expect(String(decoding: data, as: UTF8.self) == "a hunter22 b")
        let isIntact = value.withBytes { $0.withUnsafeBytes { $0.elementsEqual("hunter22".utf8) } }
        #expect(isIntact)
    }
}
