import Foundation
import SecretMemory
import SecretScopes
import Workspace

/// Redaction as a filter from file to file, beside other programs that do the same with the same values. All outputs are
/// compared byte for byte.
struct RedactionFilterRows {
    let size: BenchmarkSize
    let hush: String

    /// What runs the other libraries; `scripts/bench-redaction.sh` sets it.
    private var python: String? { ProcessInfo.processInfo.environment["HUSH_BENCH_PYTHON"] }

    private struct Contender {
        var name: String
        /// A shell command that reads `$TEXT`, writes to its output, and finds the values in `$VALUES`.
        var command: String
    }

    func measure() async throws -> [BenchmarkRow] {
        guard let python else {
            throw ChildProcessFailure("Call `make bench-redaction`, which installs what it is measured beside.")
        }
        // In memory where that can be had.
        let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        let folder = "\(root)/hush-bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var rows: [BenchmarkRow] = []
        for count in [1, 10, 100, 1000] {
            let input = RedactionCase(values: count, size: size.redactionBytes)
            let paths = (text: "\(folder)/text", values: "\(folder)/values", home: "\(folder)/home-\(count)")
            try Data(input.text).write(to: URL(fileURLWithPath: paths.text))
            try Data(input.values.joined(separator: [0x0A])).write(to: URL(fileURLWithPath: paths.values))
            try await makeWorkspace(of: input.values, in: paths.home)
            let environment = [
                "HUSH_HOME=\(paths.home)", "HOME=\(paths.home)", "PATH=/usr/local/bin:/usr/bin:/bin", "HUSH=\(hush)",
                "TEXT=\(paths.text)", "VALUES=\(paths.values)", "PYTHON=\(python)", "PEERS=Benchmarks/Peers/filter.py",
            ]
            rows += try compare(count, environment, folder)
        }
        return rows
    }

    private static let contenders = [
        Contender(name: "hush redact", command: #""$HUSH" redact --redact literal < "$TEXT""#),
        Contender(
            name: "rg",
            command: #"rg -a -N --no-config --passthru -F -r '[REDACTED]' -f "$VALUES" "$TEXT" || [ $? -eq 1 ]"#),
        Contender(name: "hyperscan", command: #""$PYTHON" "$PEERS" hyperscan "$VALUES" < "$TEXT""#),
        Contender(name: "ahocorasick_rs", command: #""$PYTHON" "$PEERS" ahocorasick_rs "$VALUES" < "$TEXT""#),
    ]

    private func compare(_ count: Int, _ environment: [String], _ folder: String) throws -> [BenchmarkRow] {
        func run(_ command: String, to output: String) throws -> Double {
            try ChildProcess(
                arguments: ["/bin/sh", "-c", "{ \(command); } > \(output)"], environment: environment
            ).time().seconds
        }
        var best: [String: Double] = [:]
        for contender in Self.contenders {
            let output = "\(folder)/output-\(contender.name.split(separator: " ")[0])"
            let times = try (0..<size.redactionRounds).map { _ in
                [try run(contender.command, to: "/dev/null"), try run(contender.command, to: output)]
            }
            best[contender.name] = times.map { $0[0] }.median
            best[contender.name + ", to tmpfs"] = times.map { $0[1] }.median
            // Fails where they differ.
            _ = try ChildProcess(
                arguments: ["/usr/bin/cmp", "\(folder)/output-hush", output], environment: environment
            ).time()
        }
        let bytes = Double(size.redactionBytes)
        return ["", ", to tmpfs"].flatMap { place in
            let peers = Self.contenders.dropFirst().compactMap { best[$0.name + place] }
            return Self.contenders.compactMap { contender in
                best[contender.name + place].map { seconds in
                    let isHush = contender.name == "hush redact"
                    return BenchmarkRow.throughput(
                        "\(contender.name), \(count) \(count == 1 ? "value" : "values")\(place)", bytes / seconds,
                        atLeast: isHush ? peers.map { bytes / $0 }.max() : nil)
                }
            }
        }
    }

    private func makeWorkspace(of values: [[UInt8]], in folder: String) async throws {
        let pool = SecretPool()
        let workspace = try await Workspace.create(
            in: folder, keyProvider: KeyFileProvider(path: folder + "/root.key", pool: pool),
            administrator: NSUserName(), runBy: "hush-bench", pool: pool)
        let services = try workspace.services(runBy: "hush-bench", origin: RequestOrigin(surface: .library))
        try await services.createScope(CreateScopeRequest(scope: "values"))
        for (number, value) in values.enumerated() {
            try await services.putSecret(
                PutSecretRequest(
                    scope: "values", key: "value-\(number)",
                    stringValue: SecretBytes(copying: value.span.bytes, in: pool)))
        }
    }
}
