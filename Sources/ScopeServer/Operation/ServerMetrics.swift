internal import Hummingbird
public import SecretScopes
import Synchronization

/// What a server counts, in the text form that Prometheus reads (version 0.0.4).
///
/// Labels are routes, methods, statuses, and kinds of vaults and of their calls only: no name of a scope, a key or a
/// principal.
public final class ServerMetrics: Sendable {
    private struct Label: Hashable {
        var method: String
        var route: String
        var status: Int
    }

    private struct State {
        var requests: [Label: Int64] = [:]
        var durations = DurationHistogram()
        var underWay: Int64 = 0
        var rejectedLogins: Int64 = 0
        var slowedRequests: Int64 = 0
    }

    /// What the router calls the route of a request that has none.
    private static let noRoute = "NotFound"

    private let state = Mutex(State())
    private let engine: (@Sendable () -> EngineFigures)?

    /// Creates metrics that have counted nothing.
    ///
    /// - Parameter engine: What the workspace's engine has counted; `nil` when that is not told.
    public init(engine: (@Sendable () -> EngineFigures)? = nil) {
        self.engine = engine
    }

    func requestDidBegin() {
        state.withLock { $0.underWay += 1 }
    }

    /// Counts a request by its route, and by `none` when no route answers it, so that strangers cannot make labels up.
    func requestDidEnd(_ request: Request, _ context: ScopeRequestContext, status: Int, after duration: Duration) {
        let route = context.endpointPath.flatMap { $0 == Self.noRoute ? nil : $0 }
        let label = Label(
            method: route == nil ? "other" : request.method.rawValue, route: route ?? "none", status: status)
        state.withLock { state in
            state.underWay -= 1
            state.requests[label, default: 0] += 1
            state.durations.add(duration)
        }
    }

    /// - Parameter isSlowed: Whether the client was told to wait.
    func loginWasRejected(isSlowed: Bool) {
        state.withLock { state in
            state.rejectedLogins += 1
            if isSlowed { state.slowedRequests += 1 }
        }
    }

    /// Everything that was counted.
    var text: String {
        let state = state.withLock { $0 }
        var lines = Self.header("hush_http_requests_total", "counter", "Requests that were answered.")
        lines += state.requests
            .map { label, count in
                let labels = "method=\"\(label.method)\",route=\"\(label.route)\",status=\"\(label.status)\""
                return "hush_http_requests_total{\(labels)} \(count)"
            }
            .sorted()
        lines += Self.lines(
            of: state.durations, "hush_http_request_duration_seconds", "Time from a request's head to its answer.")
        lines += Self.header("hush_http_requests_under_way", "gauge", "Requests that are being answered.")
        lines.append("hush_http_requests_under_way \(state.underWay)")
        lines += Self.header("hush_rejected_logins_total", "counter", "Requests without a valid credential.")
        lines.append("hush_rejected_logins_total \(state.rejectedLogins)")
        lines += Self.header(
            "hush_slowed_requests_total", "counter", "Rejected logins that were answered by 429 after too many.")
        lines.append("hush_slowed_requests_total \(state.slowedRequests)")
        if let figures = engine?() { lines += Self.lines(of: figures) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of figures: EngineFigures) -> [String] {
        header("hush_audit_queue_depth", "gauge", "Calls that wait for the transaction that their event goes into.")
            + ["hush_audit_queue_depth \(figures.waitingCalls)"]
            + lines(
                of: figures.commits, "hush_audit_commit_duration_seconds",
                "Time that a transaction took, until it was on the disk.")
            + header("hush_cache_hits_total", "counter", "Reads for which everything was in memory.")
            + ["hush_cache_hits_total \(figures.cacheHits)"]
            + header("hush_cache_misses_total", "counter", "Reads for which the store was asked.")
            + ["hush_cache_misses_total \(figures.cacheMisses)"] + lines(of: figures.vaults)
    }

    private static func lines(of figures: VaultFigures) -> [String] {
        let calls = figures.calls.map { call, count in
            let labels = "vault=\"\(call.vault.name)\",operation=\"\(call.operation)\",outcome=\"\(call.outcome)\""
            return "hush_vault_calls_total{\(labels)} \(count)"
        }
        let durations = figures.durations.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { vault, histogram in
            samples(of: histogram, "hush_vault_call_duration_seconds", label: "vault=\"\(vault.name)\"")
        }
        func counts(_ name: String, _ counts: [VaultKind: Int64]) -> [String] {
            counts.map { "\(name){vault=\"\($0.name)\"} \($1)" }.sorted()
        }
        return header("hush_vault_calls_total", "counter", "Calls of external vaults.") + calls.sorted()
            + header(
                "hush_vault_call_duration_seconds", "histogram",
                "Time that a call of an external vault took, with all its requests.") + durations
            + header(
                "hush_vault_cache_hits_total", "counter", "Reads of linked secrets that were served from memory.")
            + counts("hush_vault_cache_hits_total", figures.keptValues)
            + header(
                "hush_vault_stale_values_total", "counter",
                "Reads of linked secrets that were served from memory because the vault could not be reached.")
            + counts("hush_vault_stale_values_total", figures.staleValues)
    }

    private static func lines(of histogram: DurationHistogram, _ name: String, _ help: String) -> [String] {
        header(name, "histogram", help) + samples(of: histogram, name)
    }

    private static func samples(of histogram: DurationHistogram, _ name: String, label: String? = nil) -> [String] {
        let (first, alone) = label.map { ("\($0),", "{\($0)}") } ?? ("", "")
        return zip(DurationHistogram.bounds, histogram.counts).map { "\(name)_bucket{\(first)le=\"\($0)\"} \($1)" }
            + [
                "\(name)_bucket{\(first)le=\"+Inf\"} \(histogram.count)", "\(name)_sum\(alone) \(histogram.seconds)",
                "\(name)_count\(alone) \(histogram.count)",
            ]
    }

    private static func header(_ name: String, _ type: String, _ help: String) -> [String] {
        ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
    }
}
