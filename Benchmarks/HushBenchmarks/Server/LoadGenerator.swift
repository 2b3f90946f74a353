import Foundation

/// Sends requests over connections that stay open, as fast as they are answered, by wrk.
struct LoadGenerator {
    /// What came of it.
    struct Result {
        /// How many requests were answered.
        var requests: Int
        /// How many of them a second.
        var rate: Double
        /// How long an answer took that half of them did not exceed, in seconds.
        var median: Double
        /// How long an answer took that 99 of 100 did not exceed, in seconds.
        var percentile99: Double
    }

    /// The program's path.
    let program: String
    /// Where scripts are kept, which hold a token.
    let folder: String

    /// Sends one request again and again.
    ///
    /// - Throws: ``ChildProcessFailure`` when a request was refused or not answered.
    func run(
        _ address: String,
        method: String = "GET",
        path: String,
        token: String? = nil,
        body: String? = nil,
        connections: Int,
        seconds: Int
    ) throws -> Result {
        let script = folder + "/wrk-\(UUID().uuidString).lua"
        let lines = [
            "wrk.method = [[\(method)]]", "wrk.path = [[\(path)]]",
            token.map { "wrk.headers['Authorization'] = [[Bearer \($0)]]" }, body.map { "wrk.body = [[\($0)]]" },
            """
            done = function(summary, latency)
              local errors = summary.errors
              print(string.format("result %d %d %d %d %d", summary.requests, summary.duration,
                latency:percentile(50), latency:percentile(99),
                errors.status + errors.connect + errors.read + errors.write + errors.timeout))
            end
            """,
        ].compactMap { $0 }
        guard
            FileManager.default.createFile(
                atPath: script, contents: Data((lines.joined(separator: "\n") + "\n").utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? FileManager.default.removeItem(atPath: script) }
        let threads = min(2, connections)
        let output = try ChildProcess(
            arguments: [program, "-t\(threads)", "-c\(connections)", "-d\(seconds)s", "-s", script, address],
            environment: []
        ).output()
        let line = output.split(separator: "\n").first { $0.hasPrefix("result ") }
        let numbers = line?.split(separator: " ").dropFirst().compactMap { Double($0) } ?? []
        guard numbers.count == 5 else { throw ChildProcessFailure("wrk said nothing that can be read:\n\(output)") }
        guard numbers[4] == 0 else {
            throw ChildProcessFailure("\(Int(numbers[4])) requests of \(method) \(path) failed.")
        }
        // Its times are in microseconds.
        return Result(
            requests: Int(numbers[0]), rate: numbers[0] / numbers[1] * 1_000_000, median: numbers[2] / 1_000_000,
            percentile99: numbers[3] / 1_000_000)
    }
}
