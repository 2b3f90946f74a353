import Foundation
import SecretMemory
import SecretScopes
import Workspace
import WorkspaceFixtures

/// Opens what a power cut left with the product itself, and holds it against the recorded day.
struct StoreCheck: Sendable {
    let day: RecordedDay
    let keyFile: String

    /// What was found.
    struct Finding: Sendable {
        /// How many events the record has.
        var events: Int64 = 0
        var problems: [String] = []
    }

    /// Checks the store in `folder`, which is the checker's own.
    ///
    /// - Parameters:
    ///   - position: Where in the day's log the power was cut.
    ///   - uses: Whether to also change and read something.
    func check(_ folder: String, cutAt position: Int, uses: Bool) async -> Finding {
        var finding = Finding()
        do {
            let pool = SecretPool()
            let workspace = try await Workspace.open(
                folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
            let contents = try StoreContents.read(workspace)
            finding.events = contents.head
            finding.problems = problems(in: contents, cutAt: position)
            let services = try workspace.services(
                runBy: "checker", origin: RequestOrigin(surface: .library, requestID: "check"))
            finding.problems += try await services.verify(against: nil) { _, _ in }.problems
            if uses { finding.problems += try await use(services, contents, pool) }
        } catch {
            finding.problems.append("\(error)")
        }
        return finding
    }

    /// What is half done, lost, or comes from nowhere.
    private func problems(in contents: StoreContents, cutAt position: Int) -> [String] {
        var problems: [String] = []
        let count = contents.head
        if count < day.acknowledged[position] {
            problems.append("event \(day.acknowledged[position]) was acknowledged, but the record ends with \(count)")
        }
        guard count <= day.rows.count, contents.rows.elementsEqual(day.rows.prefix(Int(count))) else {
            return problems + ["the record is not the beginning of the day's record"]
        }
        if !day.boundaries.contains(count) { problems.append("event \(count) is in the middle of a transaction") }
        if let early = day.calledAt.prefix(Int(count)).firstIndex(where: { $0 >= position }) {
            problems.append("event \(early + 1) stands in the record before its call")
        }
        let expected = day.tables[Int(count)]
        if contents.codes != expected {
            let differing = Set(expected.keys).union(contents.codes.keys).filter {
                expected[$0] != contents.codes[$0]
            }
            problems.append("\(differing.count) rows are not what the \(count) events say: \(differing.map(\.table))")
        }
        return problems
    }

    /// Reads every value that should be there, and changes something.
    private func use(
        _ services: any WorkspaceServices, _ contents: StoreContents, _ pool: SecretPool
    ) async throws -> [String] {
        var problems: [String] = []
        for scope in try await services.listScopes() {
            for secret in try await services.listSecrets(scope: scope.name) {
                let value = try await services.getSecret(scope: scope.name, key: secret.key).value.text
                let last = day.events.prefix(Int(contents.head)).last {
                    $0.operation == .putSecret && $0.error == nil && $0.subject.key == secret.key
                        && $0.subject.scope == scope.name
                }
                if last?.version.flatMap({ day.values[$0.id] }) != value {
                    problems.append("key \(secret.key) in scope \(scope.name) has another value than the last put")
                }
            }
        }
        let value = SecretBytes(copying: Array("after".utf8).span.bytes, in: pool)
        try await services.createScope(CreateScopeRequest(scope: "after"))
        try await services.putSecret(PutSecretRequest(scope: "after", key: "key", stringValue: value))
        if try await services.getSecret(scope: "after", key: "key").value.text != "after" {
            problems.append("a value put afterwards is not there")
        }
        return problems + (try await services.verify(against: nil) { _, _ in }.problems)
    }
}
