internal import Redaction
internal import Runs

/// One cell in the form of nbformat 4.5.
struct JupyterCell: Encodable {
    /// What Databricks keeps about a cell.
    struct Metadata: Encodable {
        struct Databricks: Encodable {
            var title: String
            var showTitle = true
        }

        var databricks: Databricks?

        enum CodingKeys: String, CodingKey {
            case databricks = "application/vnd.databricks.v1+cell"
        }
    }

    let kind: String
    let identifier: String
    let metadata: Metadata
    let source: [String]
    let executionCount: Int?
    let outputs: [JupyterOutput]

    enum CodingKeys: String, CodingKey {
        case kind = "cell_type"
        case identifier = "id"
        case metadata
        case source
        case executionCount = "execution_count"
        case outputs
    }

    init(_ report: NotebookReport.CellReport, identifier: String, executionCount: Int?, redactor: Redactor) {
        switch report.cell.kind {
        case .code: self.kind = "code"
        case .markdown: self.kind = "markdown"
        case .raw: self.kind = "raw"
        }
        self.identifier = identifier
        self.metadata = Metadata(databricks: report.cell.title.map { Metadata.Databricks(title: $0) })
        self.source = JupyterOutput.lines(report.cell.source)
        self.executionCount = executionCount
        var outputs = report.outputs.map { JupyterOutput($0, redactor: redactor) }
        if report.isTruncated {
            outputs.append(.stream(name: "stderr", text: "The cell wrote more, which was not saved.\n"))
        }
        self.outputs = outputs
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(identifier, forKey: .identifier)
        try container.encode(metadata, forKey: .metadata)
        try container.encode(source, forKey: .source)
        guard kind == "code" else { return }
        // Both must be there, also when there is nothing to say.
        try container.encode(executionCount, forKey: .executionCount)
        try container.encode(outputs, forKey: .outputs)
    }
}

/// One output in the form of nbformat 4.5, redacted as text before it becomes JSON.
enum JupyterOutput: Encodable {
    case stream(name: String, text: String)
    case displayed(plainText: String, html: String?)
    case error(name: String, message: String, traceback: [String])

    private enum CodingKeys: String, CodingKey {
        case kind = "output_type"
        case name
        case text
        case data
        case metadata
        case errorName = "ename"
        case errorMessage = "evalue"
        case traceback
    }

    init(_ output: CellOutput, redactor: Redactor) {
        switch output {
        case .stream(let stream, let bytes):
            let name = stream == .standardOutput ? "stdout" : "stderr"
            self = .stream(name: name, text: String(decoding: redactor.redact(bytes), as: UTF8.self))
        case .displayed(let result):
            self = .displayed(
                plainText: redactor.redact(result.plainText),
                html: result.html.map { redactor.redact($0) }
            )
        case .exited(let value):
            self = .displayed(plainText: redactor.redact("Notebook exited: \(value)"), html: nil)
        case .error(let error):
            let message = redactor.redact(error.message)
            let name = redactor.redact(error.name)
            let place = error.line.map { "cell \(error.cell), line \($0)" } ?? "cell \(error.cell)"
            let lines = "\(place): \(name): \(message)".split(separator: "\n", omittingEmptySubsequences: false)
            self = .error(name: name, message: message, traceback: lines.map(String.init))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .stream(let name, let text):
            try container.encode("stream", forKey: .kind)
            try container.encode(name, forKey: .name)
            try container.encode(Self.lines(text), forKey: .text)
        case .displayed(let plainText, let html):
            try container.encode("display_data", forKey: .kind)
            var data = ["text/plain": Self.lines(plainText)]
            if let html { data["text/html"] = Self.lines(html) }
            try container.encode(data, forKey: .data)
            try container.encode([String: String](), forKey: .metadata)
        case .error(let name, let message, let traceback):
            try container.encode("error", forKey: .kind)
            try container.encode(name, forKey: .errorName)
            try container.encode(message, forKey: .errorMessage)
            try container.encode(traceback, forKey: .traceback)
        }
    }

    /// A text as nbformat keeps it: its lines, each with its line feed.
    static func lines(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for scalar in text.unicodeScalars {
            line.unicodeScalars.append(scalar)
            if scalar == "\n" {
                lines.append(line)
                line = ""
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
