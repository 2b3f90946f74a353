import Glibc
import ScopeStorage
package import SecretCrypto
public import SecretMemory
public import SecretScopes

/// An open workspace: the store in a folder, its unlocked keys, and the engine over them.
///
/// ```swift
/// let pool = SecretPool()
/// let folder = "/var/lib/example/hush"
/// let workspace = try await Workspace.open(
///     folder, keyProvider: KeyFileProvider(path: folder + "/root.key", pool: pool), pool: pool)
/// let secret = try await workspace.secrets().getSecret(scope: "payments", key: "api-key")
/// let count = secret.value.withBytes { $0.byteCount }
/// ```
public final class Workspace: Sendable {
    /// The folder that holds the store.
    public let folder: String
    /// The memory that values are put into.
    public let pool: SecretPool
    package let engine: ScopeEngine
    let store: SQLiteScopeStore

    private init(folder: String, pool: SecretPool, engine: ScopeEngine, store: SQLiteScopeStore) {
        self.folder = folder
        self.pool = pool
        self.engine = engine
        self.store = store
    }

    /// The store's path in a workspace's folder.
    public static func storePath(in folder: String) -> String {
        folder + "/hush.db"
    }

    /// Makes a workspace in `folder`, which is created when it is missing and must not hold one yet.
    ///
    /// - Parameters:
    ///   - administrator: The user name of the local administrator, whom embedded callers act as.
    ///   - runBy: Who makes it, for the audit record.
    ///   - links: What links to external vaults may reach; asked when one is used first.
    /// - Throws: `ScopeError` or `KeyProviderError`; then nothing is left behind, unless the disk did not confirm whether
    ///   the workspace was made.
    public static func create(
        in folder: String,
        keyProvider: any KeyProvider,
        administrator: String,
        runBy: String,
        pool: SecretPool,
        links: @escaping @Sendable () throws -> LinkSettings = { LinkSettings() }
    ) async throws -> Workspace {
        try await create(
            in: folder, keyProvider: keyProvider, administrator: administrator, runBy: runBy, pool: pool,
            vaults: LazyVaults(pool: pool, settings: links))
    }

    /// Makes a workspace whose linked scopes are read through `vaults`.
    package static func create(
        in folder: String,
        keyProvider: any KeyProvider,
        administrator: String,
        runBy: String,
        pool: SecretPool,
        vaults: any LinkedVaults
    ) async throws -> Workspace {
        guard let name = PrincipalName(rawValue: administrator) else {
            throw ScopeError(
                .invalidParameterValue,
                "The administrator's name is not valid. Use 1 to 255 printable ASCII characters without \" and \\")
        }
        try makeFolder(folder)
        // Without it a second attempt would find the first one's store still empty, and delete it when it fails.
        let lock = try FolderLock(folder)
        defer { withExtendedLifetime(lock) {} }
        let store = try answering { try emptyStore(at: storePath(in: folder)) }
        do {
            let engine = try await ScopeEngine.create(
                in: store, keyProvider: keyProvider, administrator: name, runBy: runBy, pool: pool,
                vaults: vaults)
            return Workspace(folder: folder, pool: pool, engine: engine, store: store)
        } catch let error as StoreError where error.code == .unconfirmed {
            throw answer(for: error)
        } catch {
            // The store is empty: it was made a moment ago and its first transaction failed.
            let path = storePath(in: folder)
            for file in [path, path + "-wal", path + "-shm"] + SQLiteScopeStore.lockFiles(of: path) { unlink(file) }
            throw answer(for: error)
        }
    }

    /// Opens the workspace in `folder`.
    ///
    /// - Parameter links: What links to external vaults may reach; asked when one is used first.
    /// - Throws: `ScopeError` when there is none or it is damaged, `KeyProviderError` when it cannot be unlocked.
    public static func open(
        _ folder: String, keyProvider: any KeyProvider, pool: SecretPool,
        links: @escaping @Sendable () throws -> LinkSettings = { LinkSettings() }
    ) async throws -> Workspace {
        let store = try answering { try SQLiteScopeStore.open(storePath(in: folder)) }
        do {
            let engine = try await ScopeEngine.open(
                store, keyProvider: keyProvider, pool: pool, vaults: LazyVaults(pool: pool, settings: links))
            return Workspace(folder: folder, pool: pool, engine: engine, store: store)
        } catch {
            throw answer(for: error)
        }
    }

    /// Spares a process that does one thing the emptying of the store's log at its end, which takes longer than reading a
    /// secret: the log is left to the next process that opens the store. One of more than 256 KiB is not left.
    public func leaveLog() {
        store.leaveLog()
    }

    /// The workspace's id.
    public var id: WorkspaceID { engine.workspace }

    /// The services as the local administrator, or as any principal in its place.
    ///
    /// - Throws: `ScopeError` when there is no such principal.
    public func services(
        as principal: String? = nil, runBy: String, origin: RequestOrigin
    ) throws -> any EmbeddedServices {
        engine.session(for: try engine.localCaller(as: principal, runBy: runBy, origin: origin))
    }

    /// The secrets as the local administrator, or as any principal in its place, for a program that opened the
    /// workspace itself.
    ///
    /// - Throws: `ScopeError` when there is no such principal.
    public func secrets(as principal: String? = nil) throws -> any SecretService {
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(geteuid())"
        return try services(as: principal, runBy: user, origin: RequestOrigin(surface: .library))
    }

    /// Turns tokens of the given kinds into services.
    ///
    /// - Parameters:
    ///   - requestsPerSecond: How many requests of each principal are let through in a second; `nil` for all.
    ///   - clock: Tells when they are let through again.
    public func gateway(
        accepting kinds: Set<CredentialKind>,
        requestsPerSecond: Int? = nil,
        clock: any WallClock = SystemWallClock()
    ) -> TokenGateway {
        TokenGateway(engine: engine, accepting: kinds, requestsPerSecond: requestsPerSecond, clock: clock)
    }

    /// What the engine has counted since the workspace was opened here.
    public var figures: EngineFigures { engine.figures }

    /// Authenticates things outside the store, such as a cache of files, under a key derived for `purpose`.
    package func authenticator(for purpose: String) throws -> MessageAuthenticator {
        MessageAuthenticator(key: try engine.key(for: purpose))
    }

    // MARK: Files

    /// A new store, or one that an interrupted attempt left without a workspace.
    private static func emptyStore(at path: String) throws -> SQLiteScopeStore {
        do {
            return try SQLiteScopeStore.create(at: path)
        } catch let error as StoreError where error.code == .exists {
            let store = try SQLiteScopeStore.open(path)
            guard try store.read({ try $0.workspace() }) == nil else { throw error }
            return store
        }
    }

    static func makeFolder(_ folder: String) throws {
        var path = folder.hasPrefix("/") ? "/" : ""
        for part in folder.split(separator: "/") {
            path += (path.isEmpty || path.hasSuffix("/") ? "" : "/") + part
            guard mkdir(path, 0o700) != 0, errno != EEXIST else {
                // Also when it was there: an attempt that was interrupted may have made it.
                _ = syncFolder(of: path)
                continue
            }
            throw ScopeError(
                .temporarilyUnavailable,
                "The folder \(path) cannot be made (\(String(cString: strerror(errno)))). Check its parent's mode.")
        }
        guard chmod(folder, 0o700) == 0 else {
            throw ScopeError(
                .temporarilyUnavailable,
                "The folder \(folder) cannot be closed to other users (\(String(cString: strerror(errno)))).")
        }
    }

    static func answering<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw answer(for: error)
        }
    }

    /// Store errors as the errors that callers know; what a key provider says passes through.
    static func answer(for error: any Error) -> any Error {
        switch error {
        case let error as StoreError:
            switch error.code {
            case .missing: ScopeError(.resourceDoesNotExist, error.message)
            case .exists: ScopeError(.resourceAlreadyExists, error.message)
            case .damaged: ScopeError(.dataLoss, error.message)
            case .newerFormat: ScopeError(.invalidState, error.message)
            case .full, .readOnly, .busy, .inputOutput, .unconfirmed, .conflict:
                ScopeError(.temporarilyUnavailable, error.message)
            }
        case is ScopeError, is KeyProviderError: error
        default: ScopeError(.internalError, "The workspace cannot be opened.")
        }
    }
}
