internal import SecretMemory
internal import SecretScopes

/// How a program is asked, and how its answers are read: one of the protocols that such programs speak.
protocol ProgramDialect: Sendable {
    /// What can be asked of programs that speak it.
    var capabilities: VaultCapabilities { get }
    /// The names that can be asked for.
    var nameRules: NameRules { get }

    func get(_ name: String, _ program: ProgramSession) async throws(VaultFailure) -> VaultSecret
    func list(_ program: ProgramSession) async throws(VaultFailure) -> [VaultEntry]
    func put(_ value: SecretBytes, as name: String, _ program: ProgramSession) async throws(VaultFailure) -> String?
    func delete(_ name: String, _ program: ProgramSession) async throws(VaultFailure)
}

extension ProgramDialect {
    func list(_ program: ProgramSession) async throws(VaultFailure) -> [VaultEntry] {
        throw VaultFailure(.refused, detail: "such programs do not list")
    }

    func put(_ value: SecretBytes, as name: String, _ program: ProgramSession) async throws(VaultFailure) -> String? {
        throw VaultFailure(.readOnly, detail: "such programs store nothing")
    }

    func delete(_ name: String, _ program: ProgramSession) async throws(VaultFailure) {
        throw VaultFailure(.readOnly, detail: "such programs delete nothing")
    }
}

/// A linked program, as one call uses it.
struct ProgramSession: Sendable {
    /// What a program may be asked for beside the names that files and environments limit.
    static let largestValue = 128 * 1024

    let path: String
    let arguments: [String]
    let environment: [String: String]
    /// The name of the scope.
    let scope: String
    let deadline: ContinuousClock.Instant
    let work: WaitingWork
    let pool: SecretPool

    /// Runs the program once.
    ///
    /// - Parameters:
    ///   - words: What follows the arguments of the link.
    ///   - variables: What stands in its environment beside what the link lets through.
    ///   - input: What it reads.
    func run(
        _ words: [String], variables: [String: String] = [:], input: SecretBytes
    ) async throws(VaultFailure) -> ProgramRun {
        let arguments = [path] + arguments + words
        let environment = environment.merging(variables) { $1 }.map { "\($0)=\($1)" }.sorted()
        guard !(arguments + environment).contains(where: { $0.utf8.contains(0) }) else {
            throw VaultFailure(.unacceptable, detail: "programs cannot be given such a name")
        }
        return try await work.run(until: deadline) { [path, deadline, pool] in
            Result { () throws(VaultFailure) in
                try ProgramRun(
                    ProgramFile(path), arguments: arguments, environment: environment, input: input,
                    deadline: deadline, pool: pool)
            }
        }
    }

    /// Runs the program with an input that is no secret.
    func run(
        _ words: [String], variables: [String: String] = [:], input: String = ""
    ) async throws(VaultFailure) -> ProgramRun {
        try await run(
            words, variables: variables, input: SecretBytes(copying: Array(input.utf8).span.bytes, in: pool))
    }

    /// A value that a program gave, if it is not too long to be one.
    func value(_ bytes: SecretBytes) throws(VaultFailure) -> SecretBytes {
        guard bytes.count <= Self.largestValue else {
            throw VaultFailure(.unacceptable, detail: "the value has more than \(Self.largestValue) bytes")
        }
        return bytes
    }
}

extension ProgramRun {
    static let notUnderstood = VaultFailure(
        .notUnderstood, detail: "what the program wrote is not what the link's protocol asks for")

    /// - Throws: ``VaultFailure`` with `unreachable` unless the program ended well.
    func checkEnd() throws(VaultFailure) {
        switch end {
        case .exited(0): return
        case .exited(let status):
            throw VaultFailure(.unreachable, detail: "the program ended with exit status \(status)")
        case .killed: throw VaultFailure(.unreachable, detail: "the program was ended by a signal")
        }
    }
}
