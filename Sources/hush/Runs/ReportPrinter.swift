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

    /// Names the file and the line of each occurrence, as compilers do.
    func showPlaces(_ report: RedactionReport, in file: String) {
        for entry in report.entries {
            let what = "\(entry.name ?? "a value") (\(entry.form))"
            for line in entry.lines { errors.writeMessage("\(file):\(line): \(what)") }
            if entry.lines.count == RedactionReport.maximumLineCount, entry.count > entry.lines.count {
                errors.writeMessage("\(file): \(what) \(entry.count) times in all")
            }
        }
    }

    /// Names the secrets that nobody looks for.
    func showTooShort(_ names: [String]) {
        for name in names { errors.writeMessage("Not redacted: \(name) has fewer than 4 bytes.") }
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
