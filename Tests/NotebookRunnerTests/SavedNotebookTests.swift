import Foundation
import Testing

@testable import NotebookRunner

@Suite struct SavedNotebookTests {
    private static let source = """
        // Databricks notebook source
        // MAGIC %md
        // MAGIC # Orders \\ "quoted"

        // COMMAND ----------

        // DBTITLE 1,Print
        print("one")
        print("tab\\t \\u{1} ü 🔑")

        // COMMAND ----------

        display([["a": "<b>"]])
        [1, 2].count

        // COMMAND ----------

        import Foundation
        FileHandle.standardError.write(Data([0xFF, 0x41]))
        struct Bad: Error {}
        throw Bad()

        // COMMAND ----------

        print("never")
        """

    private func observed(_ laboratory: Laboratory) async throws -> Observation {
        try await laboratory.run(Notebook(name: "orders.swift", bytes: Array(Self.source.utf8)))
    }

    @Test func savedNotebookIsValid() async throws {
        let laboratory = try await Laboratory()
        let observed = try await observed(laboratory)
        let path = try SharedFolder.unique() + "/out.ipynb"
        try observed.report.save(to: path, redactor: laboratory.redactor)
        let check = """
            import json, sys, nbformat
            notebook = nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT)
            nbformat.validate(notebook)
            assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
            print(notebook.metadata.kernelspec.name, notebook.metadata.language_info.name)
            for cell in notebook.cells:
                print(cell.cell_type, cell.id, cell.get("execution_count"), json.dumps(cell.source))
                for output in cell.get("outputs", []):
                    print(" ", output.output_type, json.dumps({k: v for k, v in output.items() if k != "output_type"}, sort_keys=True))
            """
        let result = try PythonEnvironment.run(check, path)
        #expect(result.status == 0, "\(result.output)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "swift swift",
                ##"markdown cell-1 None "# Orders \\ \"quoted\"""##,
                #"code cell-2 1 "print(\"one\")\nprint(\"tab\\t \\u{1} \u00fc \ud83d\udd11\")""#,
                #"  stream {"name": "stdout", "text": "one\ntab\t \u0001 \u00fc \ud83d\udd11\n"}"#,
                #"code cell-3 2 "display([[\"a\": \"<b>\"]])\n[1, 2].count""#,
                #"  display_data {"data": {"text/html": "<table><thead><tr><th>a</th></tr></thead>\n<tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>", "text/plain": "+-----+\n| a   |\n+-----+\n| <b> |\n+-----+"}, "metadata": {}}"#,
                #"  display_data {"data": {"text/plain": "2"}, "metadata": {}}"#,
                #"code cell-4 3 "import Foundation\nFileHandle.standardError.write(Data([0xFF, 0x41]))\nstruct Bad: Error {}\nthrow Bad()""#,
                #"  stream {"name": "stderr", "text": "\ufffdA"}"#,
                #"  error {"ename": "Bad", "evalue": "Bad()", "traceback": ["cell 4: Bad: Bad()"]}"#,
                #"code cell-5 None "print(\"never\")""#,
            ]
        )
    }

    @Test func savedNotebookRunsAgain() async throws {
        let laboratory = try await Laboratory()
        let first = try await observed(laboratory)
        let path = try SharedFolder.unique() + "/out.ipynb"
        try first.report.save(to: path, redactor: laboratory.redactor)
        let notebook = try Notebook(contentsOf: path)
        #expect(notebook.cells.map(\.source) == first.report.notebook.cells.map(\.source))
        #expect(notebook.cells.map(\.kind) == first.report.notebook.cells.map(\.kind))
        let second = try await laboratory.run(notebook)
        #expect(second.report.cells.map(\.outputs) == first.report.cells.map(\.outputs))
    }

    @Test func identifiersOfAJupyterNotebookAreKeptAndRepaired() async throws {
        let cells = ["keep", "keep", "not proper!", nil, "cell-2"].map { id in
            let identifier = id.map { #""id":"\#($0)","# } ?? ""
            return #"{"cell_type":"markdown",\#(identifier)"metadata":{},"source":"x"}"#
        }
        let text =
            #"{"nbformat":4,"nbformat_minor":4,"metadata":{"language_info":{"name":"swift"}},"cells":[\#(cells.joined(separator: ","))]}"#
        let laboratory = try await Laboratory()
        let observed = try await laboratory.run(Notebook(name: "n.ipynb", bytes: Array(text.utf8)))
        let path = try SharedFolder.unique() + "/out.ipynb"
        try observed.report.save(to: path, redactor: laboratory.redactor)
        let check =
            "import sys, nbformat; n = nbformat.read(sys.argv[1], 4); nbformat.validate(n); print([c.id for c in n.cells])"
        let result = try PythonEnvironment.run(check, path)
        #expect(result.output == "['keep', 'cell-2', 'cell-3', 'cell-4', 'cell-5']\n")
    }

    @Test func fileIsThisUsersAloneAndReplacedWhole() async throws {
        let laboratory = try await Laboratory()
        let observed = try await laboratory.run("print(1)")
        let folder = try SharedFolder.unique()
        let path = "\(folder)/out.ipynb"
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        try observed.report.save(to: path, redactor: laboratory.redactor)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.ipynb"])

        let error = #expect(throws: NotebookError.self) {
            try observed.report.save(to: "\(folder)/missing/out.ipynb", redactor: laboratory.redactor)
        }
        #expect(error?.message == "The file \(folder)/missing/out.ipynb cannot be written: No such file or directory.")
        let taken = #expect(throws: NotebookError.self) {
            try observed.report.save(to: folder, redactor: laboratory.redactor)
        }
        #expect(taken?.code == .unwritableFile)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.ipynb"])
    }
}
