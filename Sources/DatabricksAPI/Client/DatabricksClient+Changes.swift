internal import SecretMemory
public import SecretScopes

extension DatabricksClient: WorkspaceChangeService, WorkspaceComparisonService {
    /// How long the server may take for many changes in one transaction.
    private static let patience = Duration.seconds(300)
    /// The most bytes of an answer about many scopes.
    private static let largestAnswer = 64 * 1024 * 1024
    /// From how many bytes on a question about values is sent, which leaves room for a scope with large ones.
    private static let fullQuestion = ComparisonEndpoint.largestBody / 2

    /// Makes changes, all of them or none. Databricks workspaces have no such call.
    public func apply(_ changes: [WorkspaceChange]) async throws -> AppliedChanges {
        var body = SecretBuffer(in: pool)
        try ChangeWire.append(changes, to: &body, pool: pool)
        // Before it is sent: a server that refuses it halfway may close the connection without being heard.
        guard body.count <= ChangeEndpoint.largestBody else { throw ChangeEndpoint.tooLarge }
        let answer = try await send("POST", ChangeEndpoint.apply, body: body.finish(), patience: Self.patience)
        return try decode(answer, AnswerDecoding.appliedChanges)
    }

    /// The ACLs and the secrets' names of scopes, asked for in as few requests as can be.
    public func contents(of requests: [ScopeContentsRequest]) async throws -> [ScopeContents] {
        var contents: [ScopeContents] = []
        for start in stride(from: 0, to: requests.count, by: ComparisonEndpoint.mostScopes) {
            let portion = requests[start..<min(start + ComparisonEndpoint.mostScopes, requests.count)]
            let body = SecretBytes(copying: ComparisonWire.json(portion).span.bytes, in: pool)
            let answer = try await send(
                "POST", ComparisonEndpoint.contents, body: body, patience: Self.patience, limit: Self.largestAnswer)
            let found = try decode(answer, AnswerDecoding.contents)
            guard found.count == portion.count else { throw notUnderstood }
            contents += found
        }
        return contents
    }

    /// Which values scopes hold already, asked for in as few requests as can be.
    public func compare(_ requests: [ScopeComparisonRequest]) async throws -> [[SecretMatch]] {
        var matches: [[SecretMatch]] = requests.map { _ in [] }
        var question: [ScopeComparisonRequest] = []
        var places: [Int] = []
        var size = 0
        func ask() async throws {
            guard !question.isEmpty else { return }
            var body = SecretBuffer(in: pool)
            ComparisonWire.append(question, to: &body, pool: pool)
            let answer = try await send(
                "POST", ComparisonEndpoint.compare, body: body.finish(), patience: Self.patience,
                limit: Self.largestAnswer)
            let found = try decode(answer, AnswerDecoding.matches)
            guard found.map(\.count) == question.map(\.values.count) else { throw notUnderstood }
            for (place, found) in zip(places, found) { matches[place] += found }
            (question, places, size) = ([], [], 0)
        }
        for (index, request) in requests.enumerated() {
            var part = ScopeComparisonRequest(scope: request.scope, values: [])
            for (key, value) in request.values {
                part.values.append((key, value))
                size += Base64.encodedCount(value.count) + key.utf8.count + 32
                guard size >= Self.fullQuestion else { continue }
                question.append(part)
                places.append(index)
                part.values = []
                try await ask()
            }
            guard !part.values.isEmpty || request.values.isEmpty else { continue }
            question.append(part)
            places.append(index)
            size += request.scope.utf8.count + 32
            if question.count == ComparisonEndpoint.mostScopes { try await ask() }
        }
        try await ask()
        return matches
    }
}
