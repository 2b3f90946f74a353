import Glibc
import SecretCrypto
public import SecretMemory
public import SecretScopes

/// Wraps the root key under a key that lies in a file of its own, which only its owner may read.
///
/// ```
/// hush key file v1
/// workspace: 32 hexadecimal digits
/// key: 32 random bytes in base64
/// ```
///
/// Whoever has the file and the store has everything; losing the file is final.
public struct KeyFileProvider: KeyProvider {
    /// The name under which the store remembers this kind of provider.
    public static let kind = "key-file"

    /// The file's path.
    public let path: String
    private let pool: SecretPool

    private static let header = "hush key file v1"
    private static let longestFile = 4096

    /// Creates a provider for the file at `path`, which ``wrap(_:for:)`` makes and ``unwrap(_:for:in:)`` reads.
    public init(path: String, pool: SecretPool) {
        self.path = path
        self.pool = pool
    }

    /// Makes the file, with a new key, and wraps the root key under it.
    ///
    /// - Throws: `KeyProviderError` when there is such a file already or it cannot be written.
    public func wrap(_ rootKey: SecretBytes, for workspace: WorkspaceID) async throws -> WrappedRootKey {
        let key = SymmetricKey.random(in: pool)
        try write(key, for: workspace)
        return try RootKeyWrapping.wrap(rootKey, under: key, kind: Self.kind, parameters: [], for: workspace)
    }

    /// Deletes the file, provided that it belongs to the workspace that could not be made.
    public func discard(for workspace: WorkspaceID) async {
        if (try? read(for: workspace)) != nil { unlink(path) }
    }

    /// Reads the file and unwraps the root key.
    ///
    /// - Throws: `KeyProviderError` when the file cannot be read, may be read by others, or belongs to another
    ///   workspace.
    public func unwrap(
        _ wrapped: WrappedRootKey, for workspace: WorkspaceID, in pool: SecretPool
    ) async throws -> SecretBytes {
        try RootKeyWrapping.check(wrapped, isOf: Self.kind)
        let key = try read(for: workspace)
        guard let rootKey = RootKeyWrapping.unwrap(wrapped, under: key, for: workspace, in: pool) else {
            throw KeyProviderError(
                "The key file \(path) does not open the store. One of the two was altered; restore it from a backup.")
        }
        return rootKey
    }

    // MARK: The file

    private func write(_ key: SymmetricKey, for workspace: WorkspaceID) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == EEXIST {
                throw KeyProviderError(
                    "There is a key file at \(path) already. Name another one with --key-file, or move it away.")
            }
            throw KeyProviderError(
                "The key file \(path) cannot be written (\(String(cString: strerror(reason)))). Check the folder.")
        }
        defer { close(descriptor) }
        var text = SecretBuffer(in: pool)
        text.append(Array("\(Self.header)\nworkspace: \(workspace)\nkey: ".utf8).span.bytes)
        key.withBytes { bytes in
            Base64.encode(bytes, in: pool).withBytes { text.append($0) }
        }
        text.append(UInt8(ascii: "\n"))
        let isWritten = text.withBytes { bytes in
            bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        }
        guard isWritten, fsync(descriptor) == 0, syncFolder(of: path) else {
            unlink(path)
            throw KeyProviderError("The key file \(path) cannot be written. Check the free space of its disk.")
        }
    }

    private func read(for workspace: WorkspaceID) throws -> SymmetricKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw KeyProviderError(
                "The key file \(path) cannot be read (\(String(cString: strerror(errno)))). "
                    + "Name the right one with --key-file.")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KeyProviderError("The key file \(path) is not a regular file. Name the right one with --key-file.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw KeyProviderError(
                "The key file \(path) may be read or written by other users. Run `chmod 600 \(path)` and, if they "
                    + "could have read it, make a new workspace.")
        }
        var text = SecretBuffer(in: pool)
        do {
            guard try text.appendAll(from: descriptor, limit: Self.longestFile) else { throw malformed }
        } catch let error as SystemCallError {
            throw KeyProviderError("The key file \(path) cannot be read (\(error)).")
        }
        return try text.withBytes { try parse($0, for: workspace) }
    }

    private var malformed: KeyProviderError {
        KeyProviderError("The file \(path) is not a Hush key file. Name the right one with --key-file.")
    }

    private func parse(_ text: RawSpan, for workspace: WorkspaceID) throws -> SymmetricKey {
        let start = Array("\(Self.header)\nworkspace: ".utf8)
        let idCount = 2 * WorkspaceID.byteCount
        let label = Array("\nkey: ".utf8)
        let keyStart = start.count + idCount + label.count
        let keyCount = Base64.encodedCount(SymmetricKey.byteCount)
        guard text.byteCount == keyStart + keyCount + 1, bytes(of: text, 0..<start.count) == start else {
            throw malformed
        }
        let id = String(decoding: bytes(of: text, start.count..<start.count + idCount), as: UTF8.self)
        guard let owner = WorkspaceID(id), bytes(of: text, start.count + idCount..<keyStart) == label else {
            throw malformed
        }
        guard owner == workspace else {
            throw KeyProviderError(
                "The key file \(path) belongs to another workspace (\(owner); this one is \(workspace)). "
                    + "Name the right one with --key-file.")
        }
        let encoded = text.extracting(keyStart..<keyStart + keyCount)
        guard let key = Base64.decode(encoded, in: pool) else { throw malformed }
        return try SymmetricKey(key)
    }

    /// A copy of bytes that are not secret.
    private func bytes(of text: RawSpan, _ range: Range<Int>) -> [UInt8] {
        text.extracting(range).withUnsafeBytes { Array($0) }
    }
}
