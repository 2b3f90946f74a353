import Foundation
import Testing

@testable import NotebookRunner

@Suite struct NotebookFormatTests {
    private func notebook(_ text: String, name: String = "n.swift") throws -> Notebook {
        try Notebook(name: name, bytes: Array(text.utf8))
    }

    private func message(_ text: String, name: String = "n.swift") -> String? {
        do {
            _ = try notebook(text, name: name)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func sourceFormatIsDividedIntoCells() throws {
        let notebook = try notebook(
            """
            // Databricks notebook source
            // MAGIC %md
            // MAGIC # Title
            // MAGIC
            // MAGIC text

            // COMMAND ----------

            // DBTITLE 1,Read the orders

            let a = 1

              print(a)

            // COMMAND ----------


            // COMMAND ----------
            // MAGIC %md-sandbox inline
            // COMMAND ----------
            // a comment // MAGIC
            let b = "// COMMAND ----------"
            """
        )
        #expect(notebook.cells.map(\.number) == [1, 2, 3, 4])
        #expect(notebook.cells.map(\.kind) == [.markdown, .code, .markdown, .code])
        #expect(
            notebook.cells.map(\.source) == [
                "# Title\n\ntext", "let a = 1\n\n  print(a)", "inline",
                "// a comment // MAGIC\nlet b = \"// COMMAND ----------\"",
            ]
        )
        #expect(notebook.cells.map(\.title) == [nil, "Read the orders", nil, nil])
    }

    @Test(arguments: ["\r\n", "\n"])
    func lineEndsAndAByteOrderMarkDoNotMatter(lineEnd: String) throws {
        let lines = ["\u{FEFF}// Databricks notebook source  ", "let a = 1", "// COMMAND ----------", "let b = 2", ""]
        let notebook = try notebook(lines.joined(separator: lineEnd))
        #expect(notebook.cells.map(\.source) == ["let a = 1", "let b = 2"])
    }

    @Test(arguments: [
        ("", "The notebook n.swift cannot be read: it is empty."),
        ("print(1)", "The notebook n.swift cannot be read: its first line is not \"// Databricks notebook source\"."),
        (
            "# Databricks notebook source\nx",
            "The notebook n.swift cannot be read: its first line is not \"// Databricks notebook source\"."
        ),
        (
            "// Databricks notebook source\n\n// COMMAND ----------\n",
            "The notebook n.swift cannot be read: it has no cells."
        ),
        (
            "// Databricks notebook source\nlet a = 1\n// COMMAND ----------\n\n// MAGIC %sql\n// MAGIC SELECT 1",
            "The notebook n.swift is not run: cell 2, line 1: the magic command %sql is not supported; only Swift and %md are."
        ),
        (
            "// Databricks notebook source\n// DBTITLE 1,Install\n// MAGIC %pip install x",
            "The notebook n.swift is not run: cell 1, line 1: the magic command %pip is not supported; only Swift and %md are."
        ),
        (
            "// Databricks notebook source\nlet a = 1\n// MAGIC %md text",
            "The notebook n.swift is not run: cell 1, line 2: a magic command must have a cell of its own."
        ),
    ])
    func whatIsNoNotebookIsRefusedByName(text: String, expected: String) {
        #expect(message(text) == expected)
    }

    @Test func textThatIsNotUTF8IsRefused() {
        let error = #expect(throws: NotebookError.self) {
            try Notebook(name: "n.swift", bytes: Array("// Databricks notebook source\n".utf8) + [0xFF, 0xFE])
        }
        #expect(error?.message == "The notebook n.swift cannot be read: it is not UTF-8 text.")
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let folder = try SharedFolder.unique()
        mkfifo("\(folder)/pipe.swift", 0o600)
        let cases = [
            ("\(folder)/missing.swift", "No such file or directory"), (folder, "it is not a file"),
            ("\(folder)/pipe.swift", "it is not a file"),
        ]
        for (path, reason) in cases {
            let error = #expect(throws: NotebookError.self) { try Notebook(contentsOf: path) }
            #expect(error?.message == "The notebook \(path) cannot be read: \(reason).")
        }
        let path = "\(folder)/real.swift"
        try Data("// Databricks notebook source\nlet a = 1".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try Notebook(contentsOf: path).name == "real.swift")
    }

    // MARK: .ipynb

    private func jupyter(_ cells: String, metadata: String = #"{"language_info":{"name":"swift"}}"#) -> String {
        #"{"nbformat":4,"nbformat_minor":5,"metadata":\#(metadata),"cells":[\#(cells)]}"#
    }

    @Test func jupyterCellsAreRead() throws {
        let text = jupyter(
            #"""
            {"cell_type":"markdown","id":"a","metadata":{},"source":["# T\n","x"]},
            {"cell_type":"code","id":"b","metadata":{},"outputs":[{"x":1}],"execution_count":3,"source":"let a = 1\r\nprint(a)"},
            {"cell_type":"raw","metadata":{},"source":[]},
            {"cell_type":"code","metadata":{},"outputs":[],"source":["\n","%md *hi*\n","there"]},
            {"cell_type":"code","metadata":{},"outputs":[],"source":[]}
            """#
        )
        let notebook = try notebook(text, name: "n.ipynb")
        #expect(notebook.cells.map(\.kind) == [.markdown, .code, .raw, .markdown, .code])
        #expect(notebook.cells.map(\.source) == ["# T\nx", "let a = 1\nprint(a)", "", "*hi*\nthere", ""])
    }

    @Test(arguments: [
        #"{"kernelspec":{"name":"swift","display_name":"Swift"}}"#, #"{"kernelspec":{"name":"x","language":"Swift"}}"#,
        #"{"application/vnd.databricks.v1+notebook":{"language":"swift"}}"#,
    ])
    func languageMayBeSaidInSeveralWays(metadata: String) throws {
        let text = jupyter(#"{"cell_type":"code","metadata":{},"outputs":[],"source":"1"}"#, metadata: metadata)
        #expect(try notebook(text, name: "n.ipynb").cells.count == 1)
    }

    @Test(arguments: [
        ("[1", "it is not a Jupyter notebook; it is not JSON"),
        ("{}", "it is not a Jupyter notebook; nbformat is missing"),
        (#"{"nbformat":3,"metadata":{}}"#, "it has nbformat 3; only nbformat 4 is supported"),
        (#"{"nbformat":4,"metadata":{},"cells":[]}"#, "it does not say its language; it must be Swift"),
        (
            #"{"nbformat":4,"metadata":{"language_info":{"name":"python"}},"cells":[]}"#,
            "its language is python; it must be Swift"
        ),
        (#"{"nbformat":4,"metadata":{"language_info":{"name":"swift"}},"cells":[]}"#, "it has no cells"),
        (
            #"{"nbformat":4,"metadata":{"language_info":{"name":"swift"}},"cells":[{"cell_type":"code"}]}"#,
            "it is not a Jupyter notebook; source is missing in cells, 1"
        ),
        (
            #"{"nbformat":4,"metadata":{"language_info":{"name":"swift"}},"cells":[{"cell_type":"sql","source":""}]}"#,
            "cell 1 is of the unknown type sql"
        ),
    ])
    func whatIsNoSwiftNotebookIsRefused(text: String, reason: String) {
        #expect(message(text, name: "n.ipynb") == "The notebook n.ipynb cannot be read: \(reason).")
    }

    @Test func magicInAJupyterCellIsNamed() {
        let text = jupyter(#"{"cell_type":"code","metadata":{},"outputs":[],"source":["\n","%%bash\n","ls"]}"#)
        #expect(
            message(text, name: "n.ipynb")
                == "The notebook n.ipynb is not run: cell 1, line 2: the magic command %%bash is not supported; only Swift "
                + "and %md are."
        )
    }

    @Test func nameThatWouldBreakTheProgramIsMadeHarmless() {
        #expect(GeneratedProgram.fileName("a\"b\\c\nd\u{1}.swift", cell: 3) == "a_b_c_d_.swift#cell3")
    }
}
