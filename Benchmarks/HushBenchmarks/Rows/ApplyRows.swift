import Foundation
import SecretScopes

/// Manifests of many scopes: comparing them with a workspace, and applying them.
///
/// Each measurement is a process of its own, as `hush plan` and `hush apply` are, so that its memory is that of the step
/// alone. Values come from variables (`env:NAME`) that are made up there: so many have no room in an environment.
struct ApplyRows {
    let size: BenchmarkSize
    let stores: StoreCache
    let executable: String

    private static let callers = 64
    private static let users = 10

    func measure() async throws -> [BenchmarkRow] {
        let store = try await stores.workingCopy(of: .few)
        let manifests = store.folder + "-manifests"
        defer { try? FileManager.default.removeItem(atPath: manifests) }
        try write(to: manifests)
        let open = try await store.open()
        _ = try await open.put(callers: Self.callers, each: 20)
        let puts = try await open.put(callers: Self.callers, each: size.callsPerCaller)
        // A workspace has room for just as many scopes as the manifests have.
        try await open.services().deleteScope(open.places[0].scope)

        let plan = try step(store, manifests, "--only-plan")
        let first = try step(store, manifests)
        let plans = try (0..<3).map { _ in try step(store, manifests, "--only-plan") }
        let second = try step(store, manifests)
        let what = "\(size.manifestScopes) scopes x \(size.manifestSecrets) values x \(Self.users) ACL entries"
        let secrets = Double(size.manifestScopes * size.manifestSecrets)
        return [
            .duration("plan of nothing yet, \(what)", plan.seconds, atMost: 2),
            .rate(
                "first apply: values put, beside puts of 64 callers", [secrets / first.applySeconds], of: [puts],
                atLeast: 50),
            .duration("plan of no change", plans.map(\.seconds).median, atMost: 2),
            .duration("second apply", second.seconds, atMost: 2),
            .duration("reading the manifests alone", plans.map(\.parseSeconds).median),
            .count("changes of the second apply", second.changes, of: 0),
            .bytes(
                "memory, the most of all of them", ([plan, first, second] + plans).map(\.peak).max() ?? 0,
                atMost: 300 << 20),
        ]
    }

    private func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let users = (0..<Self.users).map { "user-\($0)@example.com" }
        try Data("users: [\(users.joined(separator: ", "))]\n".utf8)
            .write(to: URL(fileURLWithPath: folder + "/users.yaml"))
        // Ten scopes a file, as people divide them.
        for start in stride(from: 0, to: size.manifestScopes, by: 10) {
            var text = "scopes:\n"
            for scope in start..<min(start + 10, size.manifestScopes) {
                text += "  bench-\(scope):\n    acl:\n"
                for user in users { text += "      \(user): READ\n" }
                text += "    secrets:\n"
                for secret in 0..<size.manifestSecrets { text += "      key-\(secret): env:VALUE_\(scope)_\(secret)\n" }
            }
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/scopes-\(start).yaml"))
        }
    }

    private func step(_ store: WorkingStore, _ manifests: String, _ options: String...) throws -> ApplyStep {
        let output = try ChildProcess(
            arguments: [executable, "apply", store.folder, manifests] + options, environment: []
        ).output()
        guard let step = ApplyStep(text: output) else { throw ChildProcessFailure("A step printed \(output)") }
        return step
    }
}
