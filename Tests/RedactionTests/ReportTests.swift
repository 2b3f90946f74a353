import SecretMemory
import Testing

@testable import Redaction

struct ReportTests {
    private func report(_ values: KeyValuePairs<String, String>, chunks: [String]) throws -> RedactionReport? {
        let pool = SecretPool()
        let redactor = Redactor(level: .literal, pool: pool)
        for (name, value) in values {
            try redactor.add(SecretBytes(Array(value.utf8), in: pool), name: name)
        }
        var stream = redactor.makeStream(reporting: true)
        for chunk in chunks { stream.feed(Array(chunk.utf8).span.bytes) { _ in } }
        stream.finish { _ in }
        return stream.report
    }

    @Test
    func reportNamesSecretFormCountAndLines() throws {
        let input = "a hunter22\nb\nc hunter22 first-line d hunter22\r\n\nfirst-line\nsecond-line"
        let expected = [
            RedactionReport.Entry(name: "s/password", form: "literal", count: 3, lines: [1, 3]),
            RedactionReport.Entry(name: "s/text", form: "line", count: 1, lines: [3]),
            RedactionReport.Entry(name: "s/text", form: "literal", count: 1, lines: [5]),
        ]
        let values: KeyValuePairs = ["s/password": "hunter22", "s/text": "first-line\nsecond-line"]
        #expect(try report(values, chunks: [input])?.entries == expected)
        #expect(try report(values, chunks: input.map { String($0) })?.entries == expected)
        #expect(try report(values, chunks: [input])?.count == 5)
    }

    @Test
    func occurrenceInsideAnotherDoesNotCount() throws {
        let values: KeyValuePairs = ["s/a": "hunter22", "s/b": "xxhunter22xx", "s/c": "22xxyy"]
        let report = try report(values, chunks: ["xxhunter22", "xxyy"])
        #expect(report?.entries.map(\.name) == ["s/b", "s/c"])
    }

    @Test
    func linesAreBoundedAndTheCountGoesOn() throws {
        let report = try report(["s/a": "hunter22"], chunks: Array(repeating: "hunter22\n", count: 1000))
        #expect(report?.entries.first?.count == 1000)
        #expect(report?.entries.first?.lines == Array(1...RedactionReport.maximumLineCount))
    }

    @Test
    func reportsAddUp() throws {
        var total = RedactionReport()
        total.merge(try #require(try report(["s/a": "hunter22"], chunks: ["hunter22"])))
        total.merge(try #require(try report(["s/a": "hunter22", "s/b": "hunter33"], chunks: ["\nhunter22 hunter33"])))
        #expect(total.count == 3)
        #expect(total.entries.map(\.count) == [2, 1])
        #expect(total.entries.first?.lines == [1, 2])
    }

    @Test
    func streamReportsOnlyWhenItIsMadeTo() throws {
        let redactor = try Redactor(["hunter22"])
        var stream = redactor.makeStream()
        stream.feed(Array("hunter22".utf8).span.bytes) { _ in }
        stream.finish { _ in }
        #expect(stream.report == nil)
    }

    @Test(arguments: RedactionLevel.allCases)
    func levelIsNamedAsOnTheCommandLine(level: RedactionLevel) {
        #expect(RedactionLevel(named: level.description) == level)
        #expect(RedactionLevel(named: "Literal") == nil)
        #expect(RedactionLevel.literal < .encoded && RedactionLevel.encoded < .strict)
    }
}
