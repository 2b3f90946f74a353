/// A key-value engine: where it is mounted, and which of the two kinds it is.
struct KeyValueEngine: Sendable, Hashable {
    /// The segments of its mount.
    let mount: [String]
    /// Whether it keeps versions (version 2 of the engine).
    let isVersioned: Bool

    init(mount: [String], isVersioned: Bool) {
        self.mount = mount
        self.isVersioned = isVersioned
    }

    /// The path of a secret's value.
    func data(_ path: [String]) -> [String] { isVersioned ? mount + ["data"] + path : mount + path }

    /// The path of a secret's, or a folder's, names.
    func names(_ path: [String]) -> [String] { isVersioned ? mount + ["metadata"] + path : mount + path }

    /// Asks the vault which engine a path belongs to.
    static func find(
        at path: [String], _ session: HashiCorpSession, timeout: Duration, _ call: VaultCall
    ) async throws(VaultFailure) -> KeyValueEngine {
        let request = HashiCorpRequest(
            method: "GET", path: ["sys", "internal", "ui", "mounts"] + path, timeout: timeout)
        let answer: VaultAnswer
        do {
            answer = try await session.send(request, call)
        } catch  where error.reason == .denied {
            throw VaultFailure(
                .denied,
                detail: "no engine is mounted where the address begins, or the token's policies grant nothing in it")
        }
        guard answer.isSuccess else {
            throw VaultFailure(
                .refused, detail: "it does not tell which engine is mounted there; give the option kv-version")
        }
        return try answer.reading { fields, bytes throws(VaultFailure) in
            guard
                let data = fields.fields("data", in: bytes), let type = data.text("type", in: bytes),
                let mount = data.text("path", in: bytes)?.split(separator: "/").map(String.init),
                !mount.isEmpty, path.starts(with: mount)
            else { return nil }
            guard ["kv", "generic"].contains(type) else {
                throw VaultFailure(.refused, detail: "the engine that is mounted there is not one of keys and values")
            }
            let version = data.fields("options", in: bytes)?.text("version", in: bytes)
            return KeyValueEngine(mount: mount, isVersioned: version == "2")
        }
    }
}
