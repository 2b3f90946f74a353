import Redaction

/// Says what was redacted, without showing a value.
struct ReportPrinter {
    /// Where it is said.
    let errors: TextOutput

    /// Says what was redacted in `place`, a line for each form of each secret.
    func show(_ report: RedactionReport, in place: String) {
        for entry in report.entries {
            let name = entry.name ?? "a value"
            let times = entry.count == 1 ? "once" : "\(entry.count) times"
            errors.writeMessage("Redacted \(name) (\(entry.form)) \(times) in \(place), \(Self.lines(of: entry)).")
        }
        let left = report.count - report.entries.reduce(0) { $0 + $1.count }
        if left > 0 { errors.writeMessage("Redacted further forms \(left) times in \(place).") }
    }

    /// Says that nothing was redacted, when none of the reports says anything.
    func showIfEmpty(_ reports: [RedactionReport]) {
        if reports.allSatisfy({ $0.count == 0 }) { errors.writeMessage("Redacted nothing.") }
    }

    private static func lines(of entry: RedactionReport.Entry) -> String {
        let numbers = entry.lines.map(String.init)
        guard numbers.count > 1 else { return "on line \(numbers.first ?? "?")" }
        let isCut = entry.lines.count == RedactionReport.maximumLineCount && entry.count > entry.lines.count
        return "on lines " + numbers.joined(separator: ", ") + (isCut ? " and others" : "")
    }
}
