internal import Glibc
internal import Processes
internal import SecretCrypto
package import SecretMemory
internal import SecretScopes

/// A directory with one file for each secret: mounted secrets of Kubernetes and Docker, systemd's credentials, or one that
/// is filled by hand.
package struct DirectoryVault: Vault {
    private static let largestFile = 128 * 1024
    /// How often the directory may be replaced while it is read.
    private static let attempts = 5

    private let path: String
    private let trimsFinalNewline: Bool
    private let policy: LinkPolicy
    private let pool: SecretPool
    private let random: @Sendable () -> String
    private let work = WaitingWork(places: 16)

    init(path: String, trimsFinalNewline: Bool, context: VaultContext) {
        self.path = path
        self.trimsFinalNewline = trimsFinalNewline
        self.policy = context.policy
        self.pool = context.pool
        let source = context.random
        self.random = { Hexadecimal.encode(source.bytes(count: 16)) }
    }

    package var capabilities: VaultCapabilities { VaultCapabilities(largestValue: Self.largestFile) }

    package var nameRules: NameRules {
        NameRules(punctuation: "-._", longest: 253, reservedBeginnings: [".."])
    }

    package func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        try Self.check(name)
        var secret = try await reading(call) { directory throws(VaultFailure) in
            try directory.read(name, limit: Self.largestFile, pool: pool)
        }
        if trimsFinalNewline { secret.value = secret.value.withoutFinalNewline }
        return secret
    }

    package func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        try await reading(call) { directory throws(VaultFailure) in try directory.list(prefix: prefix) }
    }

    package func put(
        _ value: SecretBytes, as name: String, _ call: VaultCall
    ) async throws(VaultFailure) -> String? {
        try await changing(name, call) { change throws(VaultFailure) in
            try change.replace(with: value, temporaryName: ".hush-\(random())")
        }
        return nil
    }

    package func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        try await changing(name, call) { change throws(VaultFailure) in try change.remove() }
    }

    /// Reads from the directory, again when Kubernetes replaces its contents meanwhile.
    private func reading<R: Sendable>(
        _ call: VaultCall, _ body: @escaping @Sendable (LinkedDirectory) throws(VaultFailure) -> R
    ) async throws(VaultFailure) -> R {
        try await work.run(until: call.deadline) { [path, policy] in
            Result { () throws(VaultFailure) in
                for _ in 0..<Self.attempts {
                    let directory: LinkedDirectory
                    let result: Result<R, VaultFailure>
                    directory = try LinkedDirectory(path, policy: policy)
                    result = Result { () throws(VaultFailure) in try body(directory) }
                    if directory.isCurrent { return try result.get() }
                }
                throw VaultFailure(.unreachable, detail: "its contents are replaced again and again")
            }
        }
    }

    private func changing(
        _ name: String, _ call: VaultCall, _ body: @escaping @Sendable (FileChange) throws(VaultFailure) -> Void
    ) async throws(VaultFailure) {
        try Self.check(name)
        try await work.run(until: call.deadline) { [path, policy] in
            Result { () throws(VaultFailure) in
                try body(FileChange(of: name, in: LinkedDirectory(path, policy: policy)))
            }
        }
    }

    private static func check(_ name: String) throws(VaultFailure) {
        let isName =
            !name.isEmpty && name != "." && !name.hasPrefix("..") && name.utf8.count <= 255
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
        guard isName else { throw VaultFailure(.unacceptable, detail: "no file can have such a name") }
    }
}

extension SecretBytes {
    /// The same without the line end that it ends with, if it does.
    fileprivate var withoutFinalNewline: SecretBytes {
        let rest = withBytes { bytes in
            func ends(_ count: Int, with byte: UInt8) -> Bool {
                count > 0 && bytes.unsafeLoad(fromByteOffset: count - 1, as: UInt8.self) == byte
            }
            guard ends(count, with: UInt8(ascii: "\n")) else { return count }
            return ends(count - 1, with: UInt8(ascii: "\r")) ? count - 2 : count - 1
        }
        return rest == count ? self : slice(0..<rest)
    }
}
