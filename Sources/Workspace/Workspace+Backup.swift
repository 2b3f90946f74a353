import Glibc
import ScopeStorage
public import SecretMemory
public import SecretScopes

/// How far a backup or a restore has come.
public enum BackupProgress: Sendable, Hashable {
    /// So many of all pages were copied.
    case copied(Int, of: Int)
    /// So many of all events and rows were checked.
    case checked(Int64, of: Int64)
}

/// What a backup holds.
public struct BackupReport: Sendable, Hashable {
    /// How many events its audit record holds.
    public var events: Int64
    /// How many rows were checked.
    public var rows: Int64
    /// The hash that its audit record ends with, in hexadecimal.
    public var hash: String
    /// The kind of key provider that opens it.
    public var keyProvider: String
}

extension Workspace {
    /// Copies the whole store, as it is at one moment, to a new file, and checks the copy. Readers and writers go on
    /// meanwhile.
    ///
    /// The file opens with what the workspace opens with now: a key file is not part of it. It has its name only when
    /// it is complete, checked and durable.
    ///
    /// - Parameter caller: Who makes it; an administrator.
    /// - Throws: `ScopeError`, with `DATA_LOSS` when the copy is not intact; then no file is left.
    public func backUp(
        to path: String,
        runBy: String,
        origin: RequestOrigin,
        progress: @Sendable (BackupProgress) -> Void = { _ in }
    ) async throws -> BackupReport {
        let file = try NewFile(path: path)
        defer { file.discard() }
        try await engine.recordBackup(
            at: path, by: engine.localCaller(as: nil, runBy: runBy, origin: origin))
        let copy = try Self.answering {
            try store.copy(to: file.partial) { progress(.copied($0, of: $1)) }
            return try SQLiteStoreCopy(opening: file.partial)
        }
        let report = try Self.check(engine.engine(over: copy), copy, path: path, progress)
        try file.complete()
        return report
    }

    /// Makes a workspace in `folder`, which must not hold one yet, of a backup, after checking that it is intact.
    ///
    /// What happened after the backup was made is not in it: tokens revoked and permissions withdrawn since are there
    /// again.
    ///
    /// - Throws: `ScopeError`, with `DATA_LOSS` when the backup is not intact, `KeyProviderError` when it cannot be
    ///   unlocked; then nothing is left behind.
    public static func restore(
        from path: String,
        to folder: String,
        keyProvider: any KeyProvider,
        runBy: String,
        origin: RequestOrigin,
        pool: SecretPool,
        progress: @Sendable (BackupProgress) -> Void = { _ in }
    ) async throws -> BackupReport {
        let backup = try answering { try SQLiteStoreCopy(opening: path) }
        let engine: ScopeEngine
        do {
            engine = try await ScopeEngine.open(backup, keyProvider: keyProvider, pool: pool)
        } catch {
            throw answer(for: error)
        }
        let report = try check(engine, backup, path: path, progress)
        try makeFolder(folder)
        let place = storePath(in: folder)
        let file = try NewFile(path: place, further: SQLiteScopeStore.lockFiles(of: place + NewFile.suffix))
        defer { file.discard() }
        try answering { try backup.copy(to: file.partial) { progress(.copied($0, of: $1)) } }
        // The event that tells of it is there before anybody can open the store.
        let store = try answering { try SQLiteScopeStore.open(file.partial) }
        let caller = try engine.localCaller(as: nil, runBy: runBy, origin: origin)
        try await engine.engine(over: store).recordRestore(from: path, by: caller)
        try answering {
            try store.emptyLog()
            try store.close()
        }
        try file.complete()
        return report
    }

    private static func check(
        _ engine: ScopeEngine, _ copy: SQLiteStoreCopy, path: String, _ progress: @Sendable (BackupProgress) -> Void
    ) throws -> BackupReport {
        let result = try engine.verifyCopy { progress(.checked($0, of: $1)) }
        guard result.isIntact else {
            throw ScopeError(
                .dataLoss,
                "The backup \(path) is not intact (\(result.problems[0])\(more(than: 1, result.problems))). "
                    + "Use another one."
            )
        }
        return BackupReport(
            events: result.events,
            rows: result.rows,
            hash: result.hash,
            keyProvider: try answering { try copy.read { try $0.workspace()?.rootKey.provider ?? "" } }
        )
    }

    private static func more(than count: Int, _ problems: [String]) -> String {
        problems.count > count ? ", and \(problems.count - count) more" : ""
    }
}
