import Foundation
import Testing

@testable import NotebookRunner

@Suite struct DemoNotebookTests {
    private static let path = Laboratory.rootFolder + "/notebooks/daily-revenue.swift"

    @Test func demoNotebookSignsItsRowsAndShowsNoSecret() async throws {
        let value = "tok_live_51Hx9Qd2eZvKYlo2C"
        var laboratory = try await Laboratory(secrets: ["payments/api-key": value])
        laboratory.directory = Laboratory.rootFolder + "/notebooks"
        let notebook = try Notebook(contentsOf: Self.path)
        #expect(notebook.cells.count == 10)
        let observed = try await laboratory.run(notebook)
        #expect(observed.failure?.description == nil)
        guard case .exited(let result) = observed.report.outcome else {
            Issue.record("the notebook did not end itself")
            return
        }
        #expect(result.contains("[REDACTED]"))
        #expect(observed.allText.contains("HMAC-SHA256 is right: true"))
        #expect(observed.begun == Array(1...10))
        let saved = String(decoding: try observed.report.jupyterFile(redactor: laboratory.redactor), as: UTF8.self)
        for text in [observed.allText, saved] {
            #expect(text.contains("[REDACTED]"))
            #expect(!text.contains(value))
        }
    }

    @Test func demoNotebookFailsClearlyWithoutPermission() async throws {
        var laboratory = try await Laboratory()
        laboratory.directory = Laboratory.rootFolder + "/notebooks"
        let observed = try await laboratory.run(Notebook(contentsOf: Self.path))
        #expect(observed.failure?.name == "DBUtilsError")
        #expect(observed.report.exitCode == 1)
    }
}
