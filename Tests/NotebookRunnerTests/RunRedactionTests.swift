import Foundation
import Runs
import SecretMemory
import Testing

@testable import NotebookRunner

@Suite struct RunRedactionTests {
    static let value = "tok_live_9f3a7c51"

    private func laboratory() async throws -> Laboratory {
        try await Laboratory(secrets: ["payments/api-key": Self.value, "payments/html": "a<b>&\"c\"-x9y8z7"])
    }

    private static let read =
        "import Foundation\nlet key = try dbutils.secrets.get(scope: \"payments\", key: \"api-key\")"

    /// Neither what is shown nor what is saved holds the value, or a part of it that is longer than six characters.
    private func expectNoTrace(of value: String, in observed: Observation, _ laboratory: Laboratory) throws {
        let saved = String(decoding: try observed.report.jupyterFile(redactor: laboratory.redactor), as: UTF8.self)
        for text in [observed.allText, saved] {
            #expect(!text.contains(value))
            #expect(!text.contains(value.dropFirst(4).prefix(7)))
        }
    }

    @Test("Row 86: a value that a notebook prints or displays is replaced")
    func printedAndDisplayedValuesAreRedacted() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(
            Self.read,
            """
            print("key: \\(key)!")
            FileHandle.standardError.write(Data("error: \\(key)\\n".utf8))
            display("text \\(key)")
            display([["name": "key", "value": key]])
            display([[key, "2"]], columns: [key, "n"])
            """,
            "\"last: \\(key)\""
        )
        #expect(observed.output(2) == "key: [REDACTED]!\n")
        #expect(observed.errorOutput(2) == "error: [REDACTED]\n")
        #expect(observed.displayed(2)[0] == "text [REDACTED]")
        #expect(
            observed.displayed(2)[1] == """
                +------+------------+
                | name | value      |
                +------+------------+
                | key  | [REDACTED] |
                +------+------------+
                """
        )
        #expect(observed.displayed(2)[2].contains("| [REDACTED] | n |"))
        #expect(observed.displayed(3) == ["last: [REDACTED]"])
        try expectNoTrace(of: Self.value, in: observed, laboratory)
    }

    @Test("Row 89: a value that comes in many writes, or in two cells, is replaced")
    func valueSplitAcrossWritesAndCellsIsRedacted() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(
            Self.read,
            """
            for byte in key.utf8 { var byte = byte; write(1, &byte, 1) }
            print()
            let middle = key.index(key.startIndex, offsetBy: 8)
            print("begin", key[..<middle], terminator: "")
            """,
            "print(key[middle...])"
        )
        #expect(observed.output(2) == "[REDACTED]\nbegin ")
        // What could still become the value is shown with the cell that decides it.
        #expect(observed.output(3) == "[REDACTED]\n")
        try expectNoTrace(of: Self.value, in: observed, laboratory)
    }

    @Test func valueThatHTMLWouldEscapeIsRedactedInTables() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(
            "let secret = try dbutils.secrets.get(scope: \"payments\", key: \"html\")\ndisplay([[\"value\": secret]])"
        )
        guard case .displayed(let table) = observed.report.cells[0].outputs.first else { throw Missing() }
        #expect(table.html?.contains("<td>[REDACTED]</td>") == true)
        #expect(!observed.allText.contains("x9y8z7"))
    }

    struct Missing: Error {}

    @Test func uncaughtErrorWhoseTextHoldsTheValueIsRedacted() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(
            Self.read, "struct Leak: Error { var text: String }\nthrow Leak(text: \"failed with \\(key)\")"
        )
        #expect(observed.failure?.message == "Leak(text: \"failed with [REDACTED]\")")
        try expectNoTrace(of: Self.value, in: observed, laboratory)
    }

    @Test func trapWhoseTextHoldsTheValueIsRedacted() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(Self.read, "fatalError(\"no luck with \\(key)\")")
        #expect(observed.failure?.message == "Fatal error: no luck with [REDACTED]")
        try expectNoTrace(of: Self.value, in: observed, laboratory)
    }

    @Test func exitValueThatHoldsTheValueIsRedacted() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(Self.read, "dbutils.notebook.exit(\"done with \\(key)\")")
        #expect(observed.report.outcome == .exited("done with [REDACTED]"))
        try expectNoTrace(of: Self.value, in: observed, laboratory)
    }

    @Test func excerptOfACompileErrorIsRedacted() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(Self.read, "let copy: Int = \"\(Self.value)\"")
        let failure = try #require(observed.failure)
        #expect(failure.cell == 2)
        #expect(failure.message.contains("2:1:17: error: cannot convert value of type 'String'"))
        #expect(failure.message.contains("1 | let copy: Int = \"[REDACTED]\""))
        #expect(!observed.allText.contains(Self.value))
        // The source is the user's own, and is saved as it is.
        let saved = String(decoding: try observed.report.jupyterFile(redactor: laboratory.redactor), as: UTF8.self)
        #expect(saved.components(separatedBy: Self.value).count == 2)
    }

    @Test func tokenOfTheRunIsRedacted() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(
            "import Foundation\nlet token = ProcessInfo.processInfo.environment[\"DATABRICKS_TOKEN\"]!\nprint(token)\ntoken"
        )
        #expect(observed.output(1) == "[REDACTED]\n")
        #expect(observed.displayed(1) == ["[REDACTED]"])
        try expectNoTrace(of: StandInBroker.token, in: observed, laboratory)
    }

    @Test func valueThatBecameKnownLaterIsRedactedInTheSavedNotebook() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(
            "print([\"tok_live\", \"9f3a7c51\"].joined(separator: \"_\"))", Self.read
        )
        // Nobody knew yet that it was a secret.
        #expect(observed.output(1) == "\(Self.value)\n")
        let saved = String(decoding: try observed.report.jupyterFile(redactor: laboratory.redactor), as: UTF8.self)
        #expect(saved.contains("[REDACTED]"))
        #expect(!saved.contains(Self.value))
    }

    @Test("Row 88: a value that a notebook prints backwards passes, as it does in Databricks")
    func reversedValuePasses() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(Self.read, "print(String(key.reversed()))")
        #expect(observed.output(2) == String(Self.value.reversed()) + "\n")
    }

    @Test("Row 90: a notebook computes with the value itself, and writes it to a file as it is")
    func valueIsNotAlteredForTheProgram() async throws {
        let laboratory = try await laboratory()
        let folder = try SharedFolder.unique()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = folder + "/value"
        let observed = try await laboratory.run(
            Self.read,
            """
            print(key == ["tok_live", "9f3a7c51"].joined(separator: "_"), key.utf8.count)
            try key.write(toFile: "\(file)", atomically: false, encoding: .utf8)
            """
        )
        #expect(observed.output(2) == "true \(Self.value.utf8.count)\n")
        #expect(FileManager.default.contents(atPath: file) == Data(Self.value.utf8))
    }

    @Test func bytesThatAreNoTextPassUnchanged() async throws {
        let laboratory = try await laboratory()
        let observed = try await laboratory.run(
            Self.read, "FileHandle.standardOutput.write(Data([0xFF, 0x00, 0xC3]) + Data(key.utf8) + Data([0x28, 0xFE]))"
        )
        let expected = [0xFF, 0x00, 0xC3] + Array("[REDACTED]".utf8) + [0x28, 0xFE]
        #expect(observed.report.cells[1].outputs == [.stream(.standardOutput, expected)])
    }

    @Test func valueIsInNoFileOfTheCache() async throws {
        var laboratory = try await laboratory()
        laboratory.cacheFolder = try SharedFolder.unique() + "/cache"
        let observed = try await laboratory.run(Self.read, "print(key)")
        #expect(observed.output(2) == "[REDACTED]\n")
        let files = try #require(FileManager.default.enumerator(atPath: laboratory.cacheFolder))
        var count = 0
        for case let name as String in files {
            guard let contents = FileManager.default.contents(atPath: "\(laboratory.cacheFolder)/\(name)") else {
                continue
            }
            count += 1
            #expect(contents.firstRange(of: Data(Self.value.utf8)) == nil, "\(name)")
        }
        #expect(count > 0)
    }
}
