import SecretCrypto
import SecretMemory

extension ScopeSession: WorkspaceComparisonService {
    /// How many scopes share a transaction, so that other callers get their turn in between.
    private static let scopesAtOnce = 50

    /// The ACLs and the secrets' names of native scopes.
    public func contents(of requests: [ScopeContentsRequest]) async throws -> [ScopeContents] {
        try await inTurns(requests) { request, step in
            var contents = ScopeContents()
            if request.listsACL { contents.acl = try step.get(.listACLs(scope: request.scope)) }
            if request.listsSecrets {
                contents.secrets = try step.get(.listSecrets(scope: request.scope)).map {
                    ScopeContents.Item(key: $0.name, version: $0.currentVersion)
                }
            }
            return contents
        }
    }

    /// Tells which values native scopes hold already.
    public func compare(_ requests: [ScopeComparisonRequest]) async throws -> [[SecretMatch]] {
        try await inTurns(requests) { request, step in try step.get(.compareSecrets(request)) }
    }

    /// Does calls of a batch one after the other, each with its own event.
    private struct Step {
        let batch: CommitBatch
        let caller: Caller

        func get<Success>(_ call: EngineCall<Success>) throws -> Success {
            switch try batch.process(call.event(by: caller), by: caller, call.work) {
            case .success(let value): return value
            case .failure(let refusal): throw Refusal(reason: refusal)
            }
        }
    }

    /// A refusal that stands in the record already.
    private struct Refusal: Error {
        let reason: any Error
    }

    private func inTurns<Request: Sendable, Answer: Sendable>(
        _ requests: [Request], _ answer: @escaping @Sendable (Request, Step) throws -> Answer
    ) async throws -> [Answer] {
        var answers: [Answer] = []
        for start in stride(from: 0, to: requests.count, by: Self.scopesAtOnce) {
            let portion = requests[start..<min(start + Self.scopesAtOnce, requests.count)]
            answers += try await engine.committer.commit { [caller] batch in
                do {
                    return .success(try portion.map { try answer($0, Step(batch: batch, caller: caller)) })
                } catch let refusal as Refusal {
                    return .failure(refusal.reason)
                }
            }
        }
        return answers
    }
}

extension EngineCall<[SecretRow]> {
    /// Lists the secrets of a native scope.
    static func listSecrets(scope: String) -> Self {
        Self(.listSecrets, scope: scope) { context in
            let principal = try context.authorize()
            let scope = try context.scope(scope, requiring: .read, for: principal)
            try context.requireNative(scope)
            return try context.reader.secrets(in: scope.row.id).map { row in
                try context.keys.verify(row)
                return row
            }
        }
    }
}

extension EngineCall<[SecretMatch]> {
    /// From how many values on all of a scope's are read at once.
    private static var fewest: Int { 8 }

    /// Compares values with those of a native scope.
    fileprivate static func compareSecrets(_ request: ScopeComparisonRequest) -> Self {
        let parameters: [(name: String, value: String?)] = [("values", String(request.values.count))]
        return Self(.compareSecrets, scope: request.scope, parameters: parameters) { context in
            let principal = try context.authorize()
            let scope = try context.scope(request.scope, requiring: .read, for: principal)
            try context.requireNative(scope)
            let names = try request.values.map { try SecretName(validating: $0.key) }
            var matches = [SecretMatch](repeating: .absent, count: names.count)
            func compare(_ index: Int, _ version: VersionRow) throws {
                let present = try context.keys.open(version, of: scope.row)
                let isSame = request.values[index].value.withBytes { wanted in
                    present.withBytes { constantTimeEquals($0, wanted) }
                }
                matches[index] = isSame ? .same(version.id) : .different(version.id)
            }
            if names.count < Self.fewest {
                for (index, name) in names.enumerated() {
                    guard let secret = try context.view.secret(name, in: scope) else { continue }
                    try compare(index, secret.version)
                }
            } else {
                let places = Dictionary(names.enumerated().map { ($1.folded, $0) }) { first, _ in first }
                try context.reader.forEachCurrentVersion(in: scope.row.id) { row, version in
                    guard let index = places[row.name.lowercased()] else { return }
                    try context.keys.verify(row)
                    guard version.secret == row.id, version.id == row.currentVersion,
                        version.number == row.versionNumber
                    else { throw IntegrityError(object: row.label) }
                    try compare(index, version)
                }
            }
            let same = matches.count { if case .same = $0 { true } else { false } }
            context.event.parameters.append(.init(name: "equal", value: String(same)))
            return matches
        }
    }
}
