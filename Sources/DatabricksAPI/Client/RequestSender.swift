internal import SecretMemory
internal import SecretScopes

/// Sends requests and turns everything that goes wrong with them into the errors of the services.
struct RequestSender: Sendable {
    /// The most bytes of an answer: far above a scope's 1,000 secrets, and low enough not to exhaust memory.
    static let largestAnswer = 8 * 1024 * 1024

    let transport: HTTPTransport
    let pool: SecretPool
    let patience: Duration
    let retry: RetryRule

    private var host: WorkspaceHost { transport.host }

    /// Sends `request` until there is an answer that is not to come back later.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` when there is none, or when it tells of a refusal.
    func send(
        _ request: PreparedRequest, patience: Duration? = nil, limit: Int = largestAnswer
    ) async throws -> HTTPAnswer {
        var spent = Duration.zero
        while true {
            let answer = try await answer(to: request, patience: patience ?? self.patience, limit: limit)
            if (200...299).contains(answer.status) { return answer }
            guard let pause = retry.pause(after: answer, spent: spent) else { throw error(for: answer) }
            try await retry.clock.sleep(for: pause)
            spent += pause
        }
    }

    /// The failure of an answer that is not what such answers look like.
    var notUnderstood: ScopeError {
        ScopeError(.internalError, "The server at \(host) sent an answer that is not understood.")
    }

    private func answer(to request: PreparedRequest, patience: Duration, limit: Int) async throws -> HTTPAnswer {
        do throws(HTTPTransport.Failure) {
            return try await transport.exchange(request, pool: pool, limit: limit, patience: patience)
        } catch {
            throw self.error(for: error, patience)
        }
    }

    private func error(for answer: HTTPAnswer) -> ScopeError {
        guard !(300...399).contains(answer.status) else {
            return ScopeError(
                .badRequest,
                "The server at \(host) sends clients elsewhere (HTTP status \(answer.status)), where a credential does "
                    + "not follow. Give the address where the workspace itself is."
            )
        }
        var error = answer.withBody { AnswerDecoding.error(status: answer.status, $0, host: host) }
        error.retryAfter = answer.retryAfter
        return error
    }

    private func error(for failure: HTTPTransport.Failure, _ patience: Duration) -> any Error {
        switch failure {
        case .cancelled:
            CancellationError()
        case .unreachable(let reason):
            ScopeError(
                .temporarilyUnavailable,
                "The server at \(host) cannot be reached (\(reason)). Check the address, and that it runs."
            )
        case .untrusted:
            ScopeError(
                .temporarilyUnavailable,
                "The certificate of the server at \(host) cannot be verified. If an authority of your own made it, "
                    + "name that one's certificate in SSL_CERT_FILE."
            )
        case .timedOut:
            ScopeError(.temporarilyUnavailable, "The server at \(host) did not answer within \(patience).")
        case .closedWithoutAnswer, .notSent:
            ScopeError(.temporarilyUnavailable, "The server at \(host) closed the connection without an answer.")
        case .notUnderstood:
            notUnderstood
        case .tooLarge:
            ScopeError(.internalError, "The server at \(host) sent an answer of more bytes than are accepted.")
        }
    }
}
