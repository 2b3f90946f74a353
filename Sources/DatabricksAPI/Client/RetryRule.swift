/// When a request is sent once more: after an answer 429 or 503 that says when to come back, as long as that is soon
/// enough. Everything that a server does for a request can safely be done twice.
///
/// Source: section 6.6 of what Databricks' own clients were observed to do. They also wait where no time is told; here
/// that is a failure at once.
struct RetryRule: Sendable {
    /// The most time that is spent waiting for one call.
    let budget: Duration
    let clock: any Clock<Duration>

    /// How long to wait before `answer`'s request is sent again; `nil` when it is not.
    ///
    /// - Parameter spent: How long the call has waited already.
    func pause(after answer: HTTPAnswer, spent: Duration) -> Duration? {
        guard answer.status == 429 || answer.status == 503, let told = answer.retryAfter else { return nil }
        let pause = max(.seconds(1), told)
        return spent + pause <= budget ? pause : nil
    }
}

extension HTTPAnswer {
    /// After which time the server wants to be asked again, up to an hour; `nil` when it does not say.
    var retryAfter: Duration? {
        headers["retry-after"].flatMap { Int64($0) }.flatMap { (0...3600).contains($0) ? .seconds($0) : nil }
    }
}
