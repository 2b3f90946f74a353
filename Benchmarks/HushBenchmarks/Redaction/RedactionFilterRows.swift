import Foundation
import SecretMemory
import SecretScopes
import Workspace

/// Redaction as a filter from file to file, beside other programs that do the same with the same values, and the filter of a
/// program that writes much. All outputs are compared byte for byte.
struct RedactionFilterRows {
    let size: BenchmarkSize
    let hush: String
    let peers: RedactionPeers

    private struct Contender {
        enum Kind { case own, peer, ceiling }

        var name: String
        var kind: Kind
        /// A shell command that reads `$TEXT`, writes to its output, and finds the values in `$VALUES`.
        var command: String
    }

    private static let contenders = [
        Contender(name: "hush redact", kind: .own, command: #""$HUSH" redact --redact literal < "$TEXT""#),
        Contender(
            name: "rg", kind: .peer,
            command: #"rg -a -N --no-config --passthru -F -r '[REDACTED]' -f "$VALUES" "$TEXT" || [ $? -eq 1 ]"#),
        Contender(name: "hyperscan", kind: .peer, command: #""$PYTHON" "$PEERS" hyperscan "$VALUES" < "$TEXT""#),
        Contender(
            name: "ahocorasick_rs", kind: .peer, command: #""$PYTHON" "$PEERS" ahocorasick_rs "$VALUES" < "$TEXT""#),
        // What no filter can do without.
        Contender(name: "reading and writing alone", kind: .ceiling, command: #"dd bs=256k status=none < "$TEXT""#),
    ]

    func measure() async throws -> [BenchmarkRow] {
        var rows: [BenchmarkRow] = []
        for count in [1, 10, 100, 1000] {
            let input = RedactionCase(values: count, size: size.redactionBytes)
            let folder = try RedactionFolder(input)
            defer { folder.remove() }
            let home = folder.path + "/home"
            try await makeWorkspace(of: input.values, in: home)
            let environment = [
                "HUSH_HOME=\(home)", "HOME=\(home)", "PATH=/usr/local/bin:/usr/bin:/bin", "HUSH=\(hush)",
                "TEXT=\(folder.text)", "VALUES=\(folder.values)", "PYTHON=\(peers.python)",
                "PEERS=Benchmarks/Peers/filter.py", "PYTHONDONTWRITEBYTECODE=1",
            ]
            rows += try await compare(count, environment, folder)
            rows.append(try start(count, environment))
            if count == 100 { rows += try await runs(input, environment, folder) }
        }
        return rows
    }

    private func seconds(of command: String, to output: String, _ environment: [String]) throws -> Double {
        try ChildProcess(
            arguments: ["/bin/sh", "-c", "{ \(command); } > \(output)"], environment: environment
        ).time().seconds
    }

    private func compare(
        _ count: Int, _ environment: [String], _ folder: RedactionFolder
    ) async throws -> [BenchmarkRow] {
        let values = "\(count) \(count == 1 ? "value" : "values")"
        var rows: [BenchmarkRow] = []
        for place in ["", ", to tmpfs"] {
            func output(of number: Int) -> String { place.isEmpty ? "/dev/null" : "\(folder.path)/output-\(number)" }
            let times = try await Interleaving.measure(
                rounds: size.redactionRounds,
                Self.contenders.indices.map { number in
                    { try seconds(of: Self.contenders[number].command, to: output(of: number), environment) }
                })
            if !place.isEmpty {
                for (number, contender) in Self.contenders.enumerated() where contender.kind == .peer {
                    // Fails where they differ.
                    _ = try ChildProcess(
                        arguments: ["/usr/bin/cmp", output(of: 0), output(of: number)], environment: environment
                    ).time()
                }
                for number in Self.contenders.indices { unlink(output(of: number)) }
            }
            let rates = times.map { Double(size.redactionBytes) / $0.median }
            let best = zip(Self.contenders, rates).filter { $0.0.kind == .peer }.map(\.1).max()
            let ceiling = zip(Self.contenders, rates).first { $0.0.kind == .ceiling }?.1
            for (contender, rate) in zip(Self.contenders, rates) where contender.kind != .ceiling {
                rows.append(
                    .throughput(
                        "\(contender.name), \(values)\(place)", rate, ceiling: ceiling,
                        atLeast: contender.kind == .own ? best : nil))
            }
        }
        return rows
    }

    /// What a filter takes that has nothing to do: reading the values, each of them with its event.
    private func start(_ count: Int, _ environment: [String]) throws -> BenchmarkRow {
        let times = try (0...size.redactionRounds).map { _ in
            try seconds(of: #""$HUSH" redact --redact literal < /dev/null"#, to: "/dev/null", environment)
        }
        let values = "\(count) \(count == 1 ? "value" : "values")"
        return .duration("hush redact, \(values), of nothing", Array(times.dropFirst()).median)
    }

    /// What a run costs whose program does nothing but write, at both levels, beside the same program before a pipe and a
    /// program that passes on what comes through it.
    private func runs(
        _ input: RedactionCase, _ environment: [String], _ folder: RedactionFolder
    ) async throws -> [BenchmarkRow] {
        let variables = folder.path + "/variables"
        let lines = input.values.indices.map { "V\($0)={{secrets/values/value-\($0)}}\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: variables))
        let commands =
            [("cat of a program that writes", #"cat "$TEXT" | cat"#)]
            + ["literal", "encoded"].map { level in
                (
                    "hush exec of a program that writes, \(level), 100 values",
                    #""$HUSH" exec --redact \#(level) --env-file "\#(variables)" -- cat "$TEXT""#
                )
            }
        let times = try await Interleaving.measure(
            rounds: size.redactionRounds,
            commands.map { command in { try seconds(of: command.1, to: "/dev/null", environment) } })
        return zip(commands, times).map { command, times in
            .throughput(command.0, Double(size.redactionBytes) / times.median)
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
