internal import Redaction

/// Redacts what a program hands over as a whole: displayed results, errors, exit values.
///
/// Lives on the thread of the program's process.
final class ResultRedaction {
    private let redactor: Redactor
    private let isReporting: Bool
    /// What was redacted, line by line within each result; empty unless that is to be reported.
    private(set) var report = RedactionReport()

    init(redactor: Redactor, isReporting: Bool) {
        self.redactor = redactor
        self.isReporting = isReporting
    }

    /// `text` with every occurrence of a known form replaced.
    func redact(_ text: String) -> String {
        guard isReporting else { return redactor.redact(text) }
        var stream = redactor.makeStream(reporting: true)
        var redacted: [UInt8] = []
        var text = text
        text.withUTF8 { bytes in
            stream.feed(bytes.span.bytes) { $0.withUnsafeBytes { redacted.append(contentsOf: $0) } }
        }
        stream.finish { $0.withUnsafeBytes { redacted.append(contentsOf: $0) } }
        if let found = stream.report { report.merge(found) }
        return String(decoding: redacted, as: UTF8.self)
    }
}
