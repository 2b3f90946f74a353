internal import Glibc
internal import SecretCrypto
internal import SecretMemory
internal import SecretScopes

/// Reads the credential of a link where its reference says.
struct LinkCredentialReading {
    private static let largest = 256 * 1024

    private let access: LinkAccess
    private let environment: [String: String]
    private let pool: SecretPool

    init(_ access: LinkAccess, environment: [String: String], pool: SecretPool) {
        self.access = access
        self.environment = environment
        self.pool = pool
    }

    /// The credential, with a revision that changes whenever it may have.
    var credential: VaultCredential {
        switch access.link.credential {
        case nil:
            return VaultCredential(revision: "none", fetch: nil)
        case .secret:
            guard let read = access.readCredential, let version = access.credentialRevision else {
                return VaultCredential(revision: "none", fetch: nil)
            }
            return VaultCredential(revision: "\(version)", fetch: read)
        case .variable(let name):
            return VaultCredential(revision: "variable") { [environment, pool] in
                guard let value = environment[name], !value.isEmpty else {
                    throw VaultFailure(
                        .credentialUnreadable, detail: "the environment variable \(name) is not set or empty")
                }
                return SecretBytes(copying: Array(value.utf8).span.bytes, in: pool)
            }
        case .file(let path):
            return VaultCredential(revision: Self.revision(of: path)) { [pool] in try Self.read(path, pool) }
        }
    }

    /// Which file it is, and when it changed.
    private static func revision(of path: String) -> String {
        var state = stat()
        guard stat(path, &state) == 0 else { return "none" }
        return withUnsafeBytes(of: (state.st_dev, state.st_ino, state.st_size, state.st_mtim)) {
            Hexadecimal.encode(SHA256.hash($0.bytes).bytes)
        }
    }

    private static func read(_ path: String, _ pool: SecretPool) throws -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw VaultFailure(
                .credentialUnreadable, detail: "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var content = SecretBuffer(in: pool)
        do {
            guard try content.appendAll(from: descriptor, limit: largest) else {
                throw VaultFailure(.credentialUnreadable, detail: "\(path) has more than \(largest) bytes")
            }
        } catch let error as SystemCallError {
            throw VaultFailure(.credentialUnreadable, detail: "\(path) cannot be read: \(error)")
        }
        let secret = content.finish()
        // Editors and shells put a line end behind a token.
        let end = secret.withBytes { bytes in
            var end = bytes.byteCount
            while end > 0, [0x0A, 0x0D].contains(bytes.unsafeLoad(fromByteOffset: end - 1, as: UInt8.self)) { end -= 1 }
            return end
        }
        return secret.slice(0..<end)
    }
}
