import Foundation
import Glibc

/// All measurements, and how they are printed.
struct BenchmarkSuite {
    let size: BenchmarkSize
    let hush: String
    let stores: StoreCache
    private let executable: String

    init(size: BenchmarkSize, hush: String, stores: StoreCache) throws {
        self.size = size
        self.hush = hush
        self.stores = stores
        self.executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// The groups of rows, in the order of the table.
    static let groups: [(name: String, measure: @Sendable (BenchmarkSuite) async throws -> [BenchmarkRow])] = [
        ("reads", { try await ReadRows(size: $0.size, stores: $0.stores, executable: $0.executable).measure() }),
        ("writes", { try await WriteRows(size: $0.size, stores: $0.stores).measure() }),
        (
            "commands",
            {
                try await CommandRows(size: $0.size, stores: $0.stores, hush: $0.hush, executable: $0.executable)
                    .measure()
            }
        ),
        ("record", { try await RecordRows(size: $0.size, stores: $0.stores, hush: $0.hush).measure() }),
        ("opening", { try await OpeningRows(size: $0.size, stores: $0.stores).measure() }),
        (
            "server",
            {
                try await ServerRows(size: $0.size, stores: $0.stores, hush: $0.hush, executable: $0.executable)
                    .measure()
            }
        ),
        ("vaults", { try await VaultRows(size: $0.size, stores: $0.stores).measure() }),
        ("apply", { try await ApplyRows(size: $0.size, stores: $0.stores, executable: $0.executable).measure() }),
        (
            "redaction",
            {
                let peers = try RedactionPeers()
                return try await RedactionRows(size: $0.size, peers: peers).measure()
                    + RedactionFilterRows(size: $0.size, hush: $0.hush, peers: peers).measure()
            }
        ),
    ]

    /// The groups with a table of their own, which are measured only when they are named.
    private static let onDemand = ["server", "vaults", "apply", "redaction"]

    static let groupNames = groups.map(\.name).joined(separator: ", ")

    /// Measures the groups of the given names, or all, and prints their rows as they come.
    func run(only names: [String]) async throws {
        print(preface)
        print(BenchmarkRow.header)
        var rows: [BenchmarkRow] = []
        for group in Self.groups where names.isEmpty ? !Self.onDemand.contains(group.name) : names.contains(group.name)
        {
            for row in try await group.measure(self) {
                print(row.text)
                fflush(nil)
                rows.append(row)
            }
        }
        let missed = rows.count { $0.isMet == false }
        let targets = rows.count { $0.isMet != nil }
        print("\n\(targets - missed) of \(targets) targets met.")
    }

    private var preface: String {
        """
        Size \(size.rawValue). Everything was measured in this run, on this machine. Contenders take turns: a round of
        the ceiling, a round of Hush, and so on; rates and durations are medians over the rounds, a result beside a
        ceiling is the median of the rounds' own ratios. Ceilings write the same rows into a copy of the same database.

        """
    }
}
