internal import Glibc
internal import SecretMemory

/// Keys that a program writes: `credential_process` of a profile. It is run without a shell.
struct AWSProgramCredentials: AWSCredentialSource {
    /// How long a program may take: others wait with us.
    private static let patience = Duration.seconds(10)

    /// The profile that names the program.
    let profile: String
    /// The program and its arguments, as a shell would divide them.
    let command: String
    let access: AWSAccess

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        guard let words = ShellWords.split(command), let name = words.first else {
            throw problem("is not a command: it is empty, or a quotation mark in it is left open")
        }
        guard let path = path(of: name) else { throw problem("names the program \(name), which is not found") }
        let pool = access.context.pool
        let environment = access.machine.environment.filter { !$0.key.hasPrefix("HUSH_") }.map { "\($0)=\($1)" }
        let deadline = ContinuousClock.now + Self.patience
        let run = try await WaitingWork(places: 1).run(until: deadline) {
            Result { () throws(VaultFailure) in
                try ProgramRun(
                    ProgramFile(path), arguments: words, environment: environment,
                    input: SecretBuffer(in: pool).finish(),
                    deadline: deadline, pool: pool)
            }
        }
        guard run.end == .exited(0) else { throw problem("did not end well") }
        let version = try run.output.readingJSON { fields, bytes in fields.integer("Version", in: bytes) }
        guard version == 1, let keys = try AWSCredentials(json: run.output, in: pool) else {
            throw problem("did not write credentials of version 1")
        }
        return .init(keys, at: access.clock.now())
    }

    /// Where a program is that is named without a folder, as the variable `PATH` says.
    private func path(of name: String) -> String? {
        if name.hasPrefix("/") { return name }
        guard !name.contains("/") else { return nil }
        let folders = (access.machine.variable("PATH") ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
        return folders.map { "\($0)/\(name)" }.first { Glibc.access($0, X_OK) == 0 }
    }

    private func problem(_ text: String) -> VaultFailure {
        VaultFailure(.credentialUnreadable, detail: "the credential_process of the profile \(profile) \(text)")
    }
}
