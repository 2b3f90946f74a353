import SecretMemory
import SecretScopes
import Synchronization
import Workspace

/// An open workspace with native secrets and scopes that are linked to vaults on this machine.
struct LinkedStore: Sendable {
    let store: OpenStore
    let services: any EmbeddedServices

    private static let credentials = "vault-bench"

    /// Opens a workspace whose links may reach this machine, and puts the credential of its links in it.
    init(_ store: WorkingStore) async throws {
        self.store = try await store.open(links: LinkSettings(hosts: ["127.0.0.1"]))
        services = try self.store.services()
        try await services.createScope(CreateScopeRequest(scope: Self.credentials))
        let key = SecretBytes(
            copying: Array("wJalrXUtnFEMIbenchmarkbenchmarkEXAMPLEKEY".utf8).span.bytes, in: self.store.workspace.pool)
        try await services.putSecret(PutSecretRequest(scope: Self.credentials, key: "aws", stringValue: key))
    }

    /// Links a scope to the vault at `address`.
    func link(_ scope: String, to address: String, _ options: [String: String] = [:]) async throws {
        let usual = ["endpoint": address, "access-key-id": "AKIAIOSFODNN7EXAMPLE"]
        try await services.linkScope(
            LinkScopeRequest(
                scope: scope, address: "aws-secrets-manager://eu-west-1/",
                options: usual.merging(options) { $1 }, credential: "{{secrets/\(Self.credentials)/aws}}"))
    }

    /// Reads through a link. Callers that read the same at the same time would share one request, so each caller reads
    /// names of its own.
    func readLinked(_ scope: String, callers: Int, each: Int) async throws -> CallTimes {
        try await CallTimes.of(callers: callers, each: each) { caller, number in
            _ = try await services.getSecret(scope: scope, key: "key-\(caller)")
        }
    }

    /// Reads ten names that a link keeps in memory.
    func readKept(_ scope: String, callers: Int, each: Int) async throws -> CallTimes {
        try await CallTimes.of(callers: callers, each: each) { caller, number in
            _ = try await services.getSecret(scope: scope, key: "key-\((caller + number) % store.places.count)")
        }
    }

    /// Reads ten native secrets.
    func readNative(callers: Int, each: Int) async throws -> CallTimes {
        try await CallTimes.of(callers: callers, each: each) { caller, number in
            let place = store.places[(caller + number) % store.places.count]
            _ = try await services.getSecret(scope: place.scope, key: place.key)
        }
    }

    /// Runs `body` while callers ask for what a vault that is down does not give: each of them 20 times a second, or less
    /// often when it has to wait longer.
    ///
    /// - Returns: What `body` did, and how long the callers waited for their refusals, in seconds.
    func asking<Success>(
        _ scope: String, callers: Int, _ body: () async throws -> Success
    ) async throws -> (result: Success, waits: [Double]) {
        // Nobody is cancelled: it counts how long answers take that are waited for.
        let ending = Ending()
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var waits: [Double] = []
                    repeat {
                        let begin = ContinuousClock.now
                        do {
                            _ = try await services.getSecret(scope: scope, key: "key-\(caller)")
                            throw ChildProcessFailure("A vault that is down gave a value.")
                        } catch let error as ScopeError where Self.isOutage(error) {
                            waits.append((ContinuousClock.now - begin).seconds)
                        }
                        try await Task.sleep(until: begin + .milliseconds(50), clock: .continuous)
                    } while !ending.hasCome
                    return waits
                }
            }
            let result = try await body()
            ending.come()
            return (result, try await group.reduce(into: []) { $0 += $1 })
        }
    }

    /// The end of a measurement.
    private final class Ending: Sendable {
        private let state = Atomic(false)

        var hasCome: Bool { state.load(ordering: .relaxed) }

        func come() {
            state.store(true, ordering: .relaxed)
        }
    }

    private static func isOutage(_ error: ScopeError) -> Bool {
        error.code == .temporarilyUnavailable || error.code == .deadlineExceeded
    }
}
