import Foundation
import Testing

/// A golden file: command lines, and behind each of them exactly what it printed.
///
/// ```
/// # What is to be seen here.
/// $ hush secrets list-scopes
/// Scope     Backend Type
/// payments  DATABRICKS
/// ```
///
/// A line that begins with `$ ` is run by a shell in which `hush` is the program; lines of standard error are shown
/// behind `2> `, an exit status other than 0 as `[status 1]`, and a missing line end at the end as `\`. The digits of
/// moments and ids are shown as zeros. To add a case, write its `$ ` line and record the file anew:
///
/// ```
/// HUSH_RECORD_GOLDEN=1 swift test --filter CommandLineTests
/// ```
///
/// A run that records fails, so that nobody takes it for a test.
struct Transcript {
    /// The file in `Golden`, without its ending.
    let name: String

    private static let recordingVariable = "HUSH_RECORD_GOLDEN"

    private var path: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Golden/\(name).txt"
    }

    /// The command lines of the file, in order.
    var commands: [String] {
        get throws { try lines.filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) } }
    }

    private var lines: [String] {
        get throws { try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n") }
    }

    /// Runs the command lines one after the other and compares what they print with the file.
    ///
    /// - Parameters:
    ///   - environment: Further variables for the shell.
    ///   - replacing: What is not known in advance, such as a port, and what the file has in its place.
    func check(
        in home: Home,
        environment: [String: String] = [:],
        replacing: [String: String] = [:],
        location: SourceLocation = #_sourceLocation
    ) throws {
        try #require(
            FileManager.default.fileExists(atPath: path),
            "There is no \(path). Write its `$ ` lines and record it.", sourceLocation: location)
        var paragraphs: [String] = []
        var comment = ""
        for line in try lines {
            if line.hasPrefix("# ") {
                comment += line + "\n"
            } else if line.hasPrefix("$ ") {
                paragraphs.append(
                    comment + line + "\n"
                        + (try output(of: String(line.dropFirst(2)), in: home, environment, replacing)))
                comment = ""
            }
        }
        let text = paragraphs.joined(separator: "\n")
        let golden = try String(contentsOfFile: path, encoding: .utf8)
        guard ProcessInfo.processInfo.environment[Self.recordingVariable] == nil else {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            Issue.record("\(path) was recorded. Look at it, and run the tests without \(Self.recordingVariable).")
            return
        }
        #expect(text == golden, "\(path)", sourceLocation: location)
    }

    private func output(
        of command: String, in home: Home, _ environment: [String: String], _ replacing: [String: String]
    ) throws -> String {
        let outcome = try home.process([], environment).runShell("hush() { \"$HUSH\" \"$@\"; }\n" + command)
        var text = Self.withoutTimesAndIDs(outcome.output)
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\\\n" }
        for line in outcome.errors.split(separator: "\n") { text += "2> \(line)\n" }
        if outcome.status != 0 { text += "[status \(outcome.status)]\n" }
        for (value, name) in replacing { text = text.replacing(value, with: name) }
        return text
    }

    /// Times and ids are not known in advance. Times in milliseconds have 13 digits until the year 2286.
    static func withoutTimesAndIDs(_ text: String) -> String {
        text.replacing(/\b(1\d{12}|[0-9a-f]{32})\b/) { String(repeating: "0", count: $0.0.count) }
            .replacing(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "0000-00-00T00:00:00.000Z")
    }
}
