internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The access tokens that a service principal gets for its client secret, one at a time.
actor AccessTokens {
    private struct Current {
        var token: SecretBytes
        /// When a new one is asked for.
        var end: ContinuousClock.Instant
    }

    /// So long before its end a token is not used any more (Databricks' own clients: 40 seconds).
    private static let margin = Duration.seconds(40)

    private let credentials: ClientCredentials
    private let pool: SecretPool
    private let ask: @Sendable (SecretBytes) async throws -> HTTPAnswer
    private var current: Current?
    private var asking: Task<Current, any Error>?

    /// Creates an empty store.
    ///
    /// - Parameter ask: Sends a request for a token, given what stands behind `Authorization: Basic`.
    init(
        _ credentials: ClientCredentials, pool: SecretPool,
        ask: @escaping @Sendable (SecretBytes) async throws -> HTTPAnswer
    ) {
        self.credentials = credentials
        self.pool = pool
        self.ask = ask
    }

    /// A token that is valid for a while.
    func token() async throws -> SecretBytes {
        if let current, current.end > .now { return current.token }
        if let asking { return try await asking.value.token }
        let task = Task { try await fetch() }
        asking = task
        defer { asking = nil }
        let fetched = try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
        current = fetched
        return fetched.token
    }

    private func fetch() async throws -> Current {
        var pair = SecretBuffer(in: pool)
        pair.append(text: credentials.clientID + ":")
        credentials.clientSecret.withBytes { pair.append($0) }
        let basic = pair.finish().withBytes { Base64.encode($0, in: pool) }
        let asked = ContinuousClock.now
        let answer = try await ask(basic)
        let issued = try answer.withBody { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.accessToken(body, pool: pool)
        }
        return Current(token: issued.value, end: asked + max(issued.lifetime - Self.margin, .zero))
    }
}
