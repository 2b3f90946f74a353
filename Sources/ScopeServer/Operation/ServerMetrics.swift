import Synchronization

/// What a server counts, in the text form that Prometheus reads (version 0.0.4).
///
/// Labels are routes, methods and statuses only: no name of a scope, a key or a principal.
public final class ServerMetrics: Sendable {
    private struct Label: Hashable {
        var method: String
        var route: String
        var status: Int
    }

    private struct State {
        var requests: [Label: Int64] = [:]
        var buckets = [Int64](repeating: 0, count: ServerMetrics.bounds.count)
        var count: Int64 = 0
        var seconds = 0.0
        var underWay: Int64 = 0
        var rejectedLogins: Int64 = 0
        var slowedRequests: Int64 = 0
    }

    /// The upper bounds of the histogram, in seconds.
    private static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]

    private let state = Mutex(State())

    /// Creates metrics that have counted nothing.
    public init() {}

    func requestDidBegin() {
        state.withLock { $0.underWay += 1 }
    }

    /// - Parameter route: The route; `nil` when there is none, so that strangers cannot make labels up.
    func requestDidEnd(method: String, route: String?, status: Int, after duration: Duration) {
        let seconds = duration / .seconds(1)
        let label = Label(method: route == nil ? "other" : method, route: route ?? "none", status: status)
        state.withLock { state in
            state.underWay -= 1
            state.requests[label, default: 0] += 1
            for (position, bound) in Self.bounds.enumerated() where seconds <= bound { state.buckets[position] += 1 }
            state.count += 1
            state.seconds += seconds
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
        let histogram = "hush_http_request_duration_seconds"
        lines += Self.header(histogram, "histogram", "Time from a request's head to its answer.")
        for (bound, count) in zip(Self.bounds, state.buckets) {
            lines.append("\(histogram)_bucket{le=\"\(bound)\"} \(count)")
        }
        lines += [
            "\(histogram)_bucket{le=\"+Inf\"} \(state.count)", "\(histogram)_sum \(state.seconds)",
            "\(histogram)_count \(state.count)",
        ]
        lines += Self.header("hush_http_requests_under_way", "gauge", "Requests that are being answered.")
        lines.append("hush_http_requests_under_way \(state.underWay)")
        lines += Self.header("hush_rejected_logins_total", "counter", "Requests without a valid credential.")
        lines.append("hush_rejected_logins_total \(state.rejectedLogins)")
        lines += Self.header(
            "hush_slowed_requests_total", "counter", "Rejected logins that were answered by 429 after too many.")
        lines.append("hush_slowed_requests_total \(state.slowedRequests)")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func header(_ name: String, _ type: String, _ help: String) -> [String] {
        ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
    }
}
