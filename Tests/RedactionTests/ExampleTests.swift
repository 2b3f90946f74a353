import Foundation
import Redaction
import SecretMemory
import Testing

struct ExampleTests {
    @Test
    func exampleOfTheDocumentationWorks() throws {
        // example
        let pool = SecretPool()
        let redactor = Redactor(pool: pool)
        try redactor.add(SecretBytes(copying: Array("hunter22".utf8).span.bytes, in: pool))

        var output: [UInt8] = []
        var stream = redactor.makeStream()
        for chunk in ["the password is hun", "ter22, keep it\n"] {
            stream.feed(Array(chunk.utf8).span.bytes) { span in
                span.withUnsafeBytes { output.append(contentsOf: $0) }
            }
        }
        stream.finish { span in
            span.withUnsafeBytes { output.append(contentsOf: $0) }
        }
        // The output is now "the password is [REDACTED], keep it\n".
        // end of example
        #expect(String(decoding: output, as: UTF8.self) == "the password is [REDACTED], keep it\n")
    }

    @Test
    func exampleOfTheDocumentationIsTheOneThatIsTested() throws {
        let tests = URL(filePath: #filePath)
        let root = tests.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let source = try lines(of: root.appending(path: "Sources/Redaction/Redactor.swift"))
            .filter { $0.hasPrefix("///") }
            .map { String($0.dropFirst(3)) }
        let documented = between("```swift", and: "```", in: source)
        let tested = between("// example", and: "// end of example", in: try lines(of: tests))
        #expect(!documented.isEmpty)
        #expect(documented == tested)
    }

    private func lines(of file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }

    /// The lines between the first two markers, without indentation.
    private func between(_ start: String, and end: String, in lines: [String]) -> [String] {
        let lines = lines.map { $0.trimmingCharacters(in: .whitespaces) }
        return Array(lines.drop { $0 != start }.dropFirst().prefix { $0 != end })
    }
}
