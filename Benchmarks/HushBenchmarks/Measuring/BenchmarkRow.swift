import Foundation

/// One line of the table.
struct BenchmarkRow {
    /// What was measured.
    var what: String
    /// What the machine can do at best; empty when there is nothing to compare with.
    var ceiling = ""
    /// What was measured.
    var measured: String
    /// The measured value in the target's terms.
    var result: String
    /// What it should be; empty when the line is for information.
    var target = ""
    /// Whether it is; `nil` when the line is for information.
    var isMet: Bool?

    private static let widths = [58, 14, 14, 12, 11]

    /// The table's head.
    static let header = line(["what", "ceiling", "measured", "result", "target"], "verdict")

    /// The line as text.
    var text: String {
        let verdict = isMet.map { $0 ? "met" : "MISSED" } ?? "for information"
        return Self.line([what, ceiling, measured, result, target], verdict)
    }

    private static func line(_ columns: [String], _ last: String) -> String {
        var line = ""
        for (index, (column, width)) in zip(columns, widths).enumerated() {
            let space = String(repeating: " ", count: max(0, width - column.count))
            line += (index == 0 ? column + space : space + column) + "  "
        }
        return line + last
    }
}

extension Int {
    /// The number with commas between the thousands.
    var grouped: String {
        let digits = Array(String(self))
        let groups = stride(from: digits.count % 3 - 3, to: digits.count, by: 3).map { start in
            String(digits[Swift.max(start, 0)..<start + 3])
        }
        return groups.filter { !$0.isEmpty }.joined(separator: ",")
    }
}

// MARK: The targets' terms

extension BenchmarkRow {
    /// A rate that should be at least `percent` of the ceiling's, round by round.
    static func rate(_ what: String, _ rates: [Double], of ceiling: [Double], atLeast percent: Int?) -> BenchmarkRow {
        let share = 100 * rates.medianRatio(to: ceiling)
        return BenchmarkRow(
            what: what,
            ceiling: perSecond(ceiling.median),
            measured: perSecond(rates.median),
            result: String(format: "%.0f %%", share),
            target: percent.map { "≥ \($0) %" } ?? "",
            isMet: percent.map { share >= Double($0) }
        )
    }

    /// A duration that should be at most `factor` times the ceiling's, round by round.
    static func duration(
        _ what: String, _ seconds: [Double], of ceiling: [Double], atMost factor: Double?
    ) -> BenchmarkRow {
        let ratio = seconds.medianRatio(to: ceiling)
        return BenchmarkRow(
            what: what,
            ceiling: time(ceiling.median),
            measured: time(seconds.median),
            result: String(format: "%.2f x", ratio),
            target: factor.map { String(format: "≤ %.1f x", $0) } ?? "",
            isMet: factor.map { ratio <= $0 }
        )
    }

    /// A duration that should be at most `limit` seconds longer than the ceiling's, round by round.
    static func overhead(
        _ what: String, _ seconds: [Double], over ceiling: [Double], atMost limit: Double?
    ) -> BenchmarkRow {
        let overhead = zip(seconds, ceiling).map { $0 - $1 }.median
        return BenchmarkRow(
            what: what,
            ceiling: time(ceiling.median),
            measured: time(seconds.median),
            result: "+ " + time(overhead),
            target: limit.map { "≤ + \(time($0))" } ?? "",
            isMet: limit.map { overhead <= $0 }
        )
    }

    /// A number that should be exactly the ceiling's.
    static func count(_ what: String, _ count: Int, of ceiling: Int) -> BenchmarkRow {
        BenchmarkRow(
            what: what,
            ceiling: ceiling.grouped,
            measured: count.grouped,
            result: count.grouped,
            target: "= \(ceiling.grouped)",
            isMet: count == ceiling
        )
    }

    /// A duration with a limit of its own, or for information.
    static func duration(_ what: String, _ seconds: Double, atMost limit: Double? = nil) -> BenchmarkRow {
        BenchmarkRow(
            what: what,
            measured: time(seconds),
            result: limit.map { String(format: "%.2f x", seconds / $0) } ?? "",
            target: limit.map { "≤ \(time($0))" } ?? "",
            isMet: limit.map { seconds <= $0 }
        )
    }

    /// Bytes a second, with a least number of them or for information.
    static func throughput(
        _ what: String, _ rate: Double, ceiling: Double? = nil, atLeast target: Double? = nil
    ) -> BenchmarkRow {
        func gigabytes(_ rate: Double) -> String { String(format: "%.2f GB/s", rate / 1e9) }
        return BenchmarkRow(
            what: what,
            ceiling: ceiling.map(gigabytes) ?? "",
            measured: gigabytes(rate),
            result: target.map { String(format: "%.2f x", rate / $0) } ?? "",
            target: target.map { "≥ \(gigabytes($0))" } ?? "",
            isMet: target.map { rate >= $0 }
        )
    }

    /// An amount of memory with a limit.
    static func bytes(_ what: String, _ bytes: Int, atMost limit: Int) -> BenchmarkRow {
        func mebibytes(_ bytes: Int) -> String { String(format: "%.0f MiB", Double(bytes) / 1_048_576) }
        return BenchmarkRow(
            what: what,
            measured: mebibytes(bytes),
            result: String(format: "%.2f x", Double(bytes) / Double(limit)),
            target: "≤ \(mebibytes(limit))",
            isMet: bytes <= limit
        )
    }

    private static func perSecond(_ rate: Double) -> String {
        String(format: "%.0f /s", rate)
    }

    private static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<0.001: String(format: "%.0f µs", seconds * 1_000_000)
        case ..<1: String(format: seconds < 0.1 ? "%.1f ms" : "%.0f ms", seconds * 1000)
        default: String(format: "%.1f s", seconds)
        }
    }
}
