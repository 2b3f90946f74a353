import Foundation
import Redaction
import Testing

/// Every form in which a program commonly prints a value, at the level that promises to find it.
@Suite struct BypassTests {
    /// So many bytes of a form may be left at its edges: brackets and quotes, and in base64 what mixes a value's first
    /// and last bytes with those beside them.
    private static let tolerated = 7

    private static let home = Result { () throws -> Home in
        let home = try Home()
        try home.succeed("secrets", "create-scope", "leaks")
        for value in Bypass.Value.allCases {
            try home.succeed("secrets", "put-secret", "leaks", "\(value)", input: .text(value.rawValue))
        }
        return home
    }

    /// What the program prints when nobody stands between.
    private func leak(_ bypass: Bypass) throws -> Outcome {
        var call = HushProcess(
            arguments: Array(bypass.words.dropFirst()),
            environment: ["PATH": Isolation.searchPath, "KEY": bypass.value.rawValue],
            program: bypass.words[0]
        )
        call.removesNote = false
        return try call.run()
    }

    private func shown(_ bypass: Bypass, at level: RedactionLevel) throws -> Outcome {
        let home = try Self.home.get()
        return try home.process(
            ["exec", "--redact", level.description, "--env", "KEY={{secrets/leaks/\(bypass.value)}}", "--"]
                + bypass.words
        ).run()
    }

    @Test(arguments: Bypass.all)
    func nothingOfAValueIsShown(bypass: Bypass) throws {
        let leak = try leak(bypass)
        try #require(leak.status == 0 && !(leak.output + leak.errors).isEmpty, "\(leak)")
        let shown = try shown(bypass, at: bypass.level)
        #expect(shown.status == 0)
        let text = shown.output + shown.errors
        let rest = CommonText.longest(of: Array((leak.output + leak.errors).utf8), in: Array(text.utf8))
        #expect(rest.count <= Self.tolerated, "\(String(decoding: rest, as: UTF8.self)) is left in \(text)")
        #expect(text.contains("[REDACTED]"))
    }

    /// The table would show nothing if these were found at every level.
    @Test(arguments: [
        Bypass.shell(.encoded, #"printf %s "$KEY" | base64 -w0"#), .python(.encoded, "list(b)"),
        .shell(.strict, #"printf %s "$KEY" | rev"#),
    ])
    func lowerLevelsDoNotLookForIt(bypass: Bypass) throws {
        let lower = RedactionLevel.allCases.last { $0 < bypass.level } ?? .literal
        #expect(try shown(bypass, at: lower).output == leak(bypass).output)
    }

    /// The cells of a Swift notebook, in which the value is `key`.
    static let cells: [(level: RedactionLevel, code: String)] = [
        (.literal, "print(key)"), (.literal, "display(key)"), (.literal, "key"),
        (.literal, "display([[\"value\": key]])"),
        (.literal, "for character in key { print(character, terminator: \"\") }"),
        (.encoded, "print(Array(key.utf8))"), (.encoded, "print(key.debugDescription)"),
        (.encoded, "display(Data(key.utf8).base64EncodedString())"),
        (.encoded, "print(key.utf8.map { String($0, radix: 16) }.joined())"),
        (.encoded, "print(key.utf8.map { String(format: \"%02X\", $0) }.joined(separator: \" \"))"),
        (.encoded, "print(key.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)"),
        (.encoded, "print(String(decoding: try JSONEncoder().encode([key]), as: UTF8.self))"),
        (.encoded, "print(key.unicodeScalars.map { \"\\\\u{\" + String($0.value, radix: 16) + \"}\" }.joined())"),
        (.encoded, "print(key.uppercased())"), (.encoded, "dump(key)"),
        (.strict, "print(String(key.reversed()))"), (.strict, "print(Array(key))"),
        (.strict, "print(key.map(String.init).joined(separator: \" \"))"), (.strict, "print(key.prefix(14))"),
        (.strict, "for character in key { print(character) }"),
    ]

    @Test(arguments: RedactionLevel.allCases)
    func notebooksShowNothingEither(level: RedactionLevel) throws {
        let home = try Self.home.get()
        let cells = Self.cells.filter { $0.level <= level }.map(\.code)
        let value = Bypass.Value.special.rawValue
        func notebook(_ first: String, _ cells: [String], name: String) throws -> String {
            try home.folder.write(
                "// Databricks notebook source\nimport Foundation\n\(first)\n"
                    + cells.map { "// COMMAND ----------\n\($0)\n" }.joined(), to: name)
        }
        let read = "let key = try dbutils.secrets.get(scope: \"leaks\", key: \"special\")"
        let bytes = "print(try dbutils.secrets.getBytes(scope: \"leaks\", key: \"special\"))"
        let path = try notebook(read, cells + [bytes], name: "\(level).swift")
        let saved = home.folder.path("\(level).ipynb")
        let outcome = try home.hush("run", path, "--redact", level.description, "--save", saved)
        try #require(outcome.status == 0, "\(outcome)")
        let file = String(decoding: try home.folder.bytes(of: "\(level).ipynb"), as: UTF8.self)
        #expect(outcome.output.contains("112, 38, 115") == (level == .literal))
        // The same cells over a value that nobody knows for a secret.
        let literal = "let key = \(String(reflecting: value))"
        let leak = try home.hush("run", try notebook(literal, cells, name: "\(level)-leak.swift"))
        let sections = leak.output.components(separatedBy: "── cell ")
        try #require(sections.count == cells.count + 2, "\(leak)")
        for (cell, section) in zip(cells, sections.dropFirst(2)) {
            // Without the line that numbers the cell and what draws a table.
            let lines = section.split(separator: "\n").dropFirst()
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "| ")) }
                .filter { !$0.hasPrefix("+-") && $0 != "value" }
            let printed = Array(lines.joined(separator: "\n").utf8)
            for text in [outcome.output, file] {
                let rest = CommonText.longest(of: printed, in: Array(text.utf8))
                #expect(rest.count <= Self.tolerated, "\(cell): \(String(decoding: rest, as: UTF8.self)) is left")
            }
        }
    }
}
