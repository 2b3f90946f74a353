import Foundation
import Testing

/// Databricks' observable behaviour is written down as numbered rows. A test of a row begins its name with `Row 46: `;
/// this one sees that no row is without a test at any place where it can be observed.
///
/// | rows | what they are about |
/// | --- | --- |
/// | 1 to 18, 31 | scopes |
/// | 19 to 30, 32 to 42 | secrets |
/// | 43 to 54 | permissions |
/// | 55 to 64, 105 | ACLs |
/// | 71 to 85 | signing in, and what the official client makes of it |
/// | 86 to 90 | redaction |
/// | 91 to 93 | references |
/// | 97 to 99 | the audit record |
/// | 100 | the command line |
/// | 101 | the legacy command line |
///
/// Row 12 is about linked vaults, row 76 about the exchange of foreign tokens, and the rows that are missing are about
/// parts that are not built.
@Suite struct ChecklistCoverageTests {
    /// The rows that each test target covers.
    static let expected: [(target: String, rows: Set<Int>)] = [
        // The form of an answer, of a time and of a query is seen on the wire alone.
        ("SecretScopesTests", rows(1...11, 13...64, 97...99, 105...105).subtracting([19, 34, 42])),
        ("ScopeServerTests", rows(1...11, 13...64, 71...75, 77...85, 97...99, 101...101, 105...105)),
        ("RedactionTests", rows(86...90)),
        ("NotebookRunnerTests", [86, 88, 89, 90]),
        ("CommandLineTests", rows(91...93, 97...100)),
    ]

    private static func rows(_ ranges: ClosedRange<Int>...) -> Set<Int> {
        Set(ranges.joined())
    }

    @Test(arguments: expected.map(\.target))
    func everyRowHasATest(target: String) throws {
        let expected = try #require(Self.expected.first { $0.target == target }?.rows)
        let found = try rowsWithTests(in: target)
        #expect(expected.subtracting(found).sorted() == [], "rows of \(target) without a test")
    }

    @Test func noTestNamesARowThatDoesNotExist() throws {
        let tests = testsFolder
        for target in try FileManager.default.contentsOfDirectory(atPath: tests.path) {
            #expect(try rowsWithTests(in: target).allSatisfy { (1...105).contains($0) }, "\(target)")
        }
    }

    private var testsFolder: URL {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 1...3 { folder.deleteLastPathComponent() }
        return folder
    }

    /// The numbers in the names of all tests of a target.
    private func rowsWithTests(in target: String) throws -> Set<Int> {
        let folder = testsFolder.appendingPathComponent(target).path
        var rows: Set<Int> = []
        for case let file as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
            guard file.hasSuffix(".swift") else { continue }
            let source = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            for match in source.matches(of: #/@Test\(\s*"Row (\d+): /#) { rows.insert(Int(match.1) ?? 0) }
        }
        return rows
    }
}
