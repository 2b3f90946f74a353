import Foundation

/// The libraries that redaction is measured beside, which Python calls.
struct RedactionPeers {
    static let libraries = ["hyperscan", "ahocorasick_rs"]

    /// The interpreter that has them.
    let python: String

    /// - Throws: ``ChildProcessFailure`` when nobody has installed them: `scripts/bench-redaction.sh` does, and says where.
    init() throws {
        guard let python = ProcessInfo.processInfo.environment["HUSH_BENCH_PYTHON"] else {
            throw ChildProcessFailure("Call `make bench-redaction`, which installs what it is measured beside.")
        }
        self.python = python
    }

    /// How many bytes a second a library looks through, when it is given all of the text at once.
    func scanningRate(of library: String, in folder: RedactionFolder) throws -> Double {
        let answer = try ChildProcess(
            arguments: [python, "Benchmarks/Peers/scan.py", library, folder.values, folder.text],
            environment: ["PATH=/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE=1"]
        ).output()
        guard let rate = Double(answer.split(separator: " ").first ?? "") else {
            throw ChildProcessFailure("\(library) did not tell its rate: \(answer)")
        }
        return rate
    }
}
