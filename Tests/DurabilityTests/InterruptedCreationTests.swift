import DurabilityHistory
import Foundation
import RepeatableRandomness
import SecretMemory
import SecretScopes
import Synchronization
import Testing
import Workspace

/// Making a workspace is the one change that also makes a file outside the store.
@Suite("An interrupted making of a workspace")
struct InterruptedCreationTests {
    /// What there may be of the key file at the moment of the cut.
    private enum KeyFile: CaseIterable {
        case missing, empty, half, whole
    }

    /// A workspace that was made while its files were watched.
    private struct Creation {
        let root: TestFolder
        let watch: FileWatch
        let entries: [FileWatch.Entry]
        let key: [UInt8]
        /// Where in the log the key file was being made.
        let makingKey: Range<Int>

        private static let keyBegan = Int64.max - 1
        private static let keyEnded = Int64.max

        init() async throws {
            root = try TestFolder()
            let folder = root.path + "/home"
            watch = try FileWatch(folder)
            let pool = SecretPool()
            let provider = MarkingKeyProvider(
                provider: KeyFileProvider(path: folder + "/root.key", pool: pool),
                watch: watch,
                began: Self.keyBegan,
                ended: Self.keyEnded
            )
            _ = try await Workspace.create(
                in: folder, keyProvider: provider, administrator: "root@example.com", runBy: "tester", pool: pool)
            let log = watch.entries
            entries = log
            key = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/root.key")))
            func position(_ wanted: Int64) throws -> Int {
                try #require(log.firstIndex { if case .mark(wanted) = $0.event { true } else { false } })
            }
            makingKey = try position(Self.keyBegan)..<position(Self.keyEnded)
        }

        /// The states of the key file that are possible when the power is cut before the entry at `position`.
        func keyFiles(at position: Int) -> [KeyFile] {
            if position <= makingKey.lowerBound { return [.missing] }
            return position <= makingKey.upperBound ? KeyFile.allCases : [.whole]
        }
    }

    @Test func canBeMadeAgainAndNeverHalfOpens() async throws {
        let creation = try await Creation()
        var random = SeededGenerator(seed: TestSettings.seed)
        var disk = DiskModel(fileName: creation.watch.name(ofFile:))
        var images: Set<[String: [UInt8]]> = []
        var complete = 0
        for position in 0...creation.entries.count {
            let coins = (0..<TestSettings.scale).map { _ in
                DiskModel.Landing.some(percent: 50, bySector: Bool.random(using: &random))
            }
            for landing in [.nothing, .everything, .torn(numerator: 1, denominator: 2)] + coins {
                for keyFile in creation.keyFiles(at: position) {
                    var image = disk.image(landing, random: &random)
                    image["root.key"] = bytes(of: keyFile, creation.key)
                    guard images.insert(image).inserted else { continue }
                    let folder = "\(creation.root.path)/image-\(images.count)"
                    try TestFolder.make(folder, holding: image)
                    if try await check(folder) { complete += 1 }
                    try FileManager.default.removeItem(atPath: folder)
                }
            }
            if position < creation.entries.count { disk.apply(creation.entries[position], random: &random) }
        }
        print("interrupted makings: \(images.count) different disks, \(complete) of them with a whole workspace")
        #expect(complete > 0)
        #expect(images.count > 100)
    }

    private func bytes(of keyFile: KeyFile, _ key: [UInt8]) -> [UInt8]? {
        switch keyFile {
        case .missing: nil
        case .empty: []
        case .half: Array(key.prefix(key.count / 2))
        case .whole: key
        }
    }

    /// Does what a user does after the power cut; returns whether the workspace was there.
    private func check(_ folder: String) async throws -> Bool {
        let pool = SecretPool()
        let keyFile = folder + "/root.key"
        let provider = KeyFileProvider(path: keyFile, pool: pool)
        if let workspace = try? await Workspace.open(folder, keyProvider: provider, pool: pool) {
            try await use(workspace)
            return true
        }
        func create() async throws -> Workspace {
            try await Workspace.create(
                in: folder, keyProvider: provider, administrator: "root@example.com", runBy: "tester", pool: pool)
        }
        if let key = FileManager.default.contents(atPath: keyFile) {
            // It may be the key of another workspace, so it is never replaced.
            let error = await #expect(throws: KeyProviderError.self) { _ = try await create() }
            #expect(error?.message.contains("move it away") == true)
            #expect(FileManager.default.contents(atPath: keyFile) == key)
            try FileManager.default.removeItem(atPath: keyFile)
        }
        try await use(await create())
        return false
    }

    private func use(_ workspace: Workspace) async throws {
        let services = try workspace.services(runBy: "tester", origin: RequestOrigin(surface: .library))
        let value = SecretBytes(copying: [1, 2, 3].span.bytes, in: workspace.pool)
        try await services.createScope(CreateScopeRequest(scope: "scope"))
        try await services.putSecret(PutSecretRequest(scope: "scope", key: "key", stringValue: value))
        #expect(try await services.getSecret(scope: "scope", key: "key").version == 1)
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func anEmptyFileIsUsed() async throws {
        let root = try TestFolder()
        try TestFolder.make(root.path + "/home", holding: ["hush.db": []])
        let pool = SecretPool()
        let workspace = try await Workspace.create(
            in: root.path + "/home",
            keyProvider: KeyFileProvider(path: root.path + "/root.key", pool: pool),
            administrator: "root@example.com",
            runBy: "tester",
            pool: pool
        )
        try await use(workspace)
    }

    @Test func anotherDatabaseIsNotTouched() async throws {
        let root = try TestFolder()
        try TestFolder.make(
            root.path + "/home", holding: ["hush.db": Array("not a database, and longer than that".utf8)])
        let pool = SecretPool()
        let error = await #expect(throws: ScopeError.self) {
            try await Workspace.create(
                in: root.path + "/home",
                keyProvider: KeyFileProvider(path: root.path + "/root.key", pool: pool),
                administrator: "root@example.com",
                runBy: "tester",
                pool: pool
            )
        }
        #expect(error?.code == .dataLoss)
        #expect(try TestFolder.files(in: root.path + "/home")["hush.db"]?.starts(with: Array("not a".utf8)) == true)
    }

    /// The second one must not take the first one's store for its own failed attempt and delete it.
    @Test func twoAtOnceLeaveTheFirstOnesWorkspace() async throws {
        let root = try TestFolder()
        let folder = root.path + "/home"
        let pool = SecretPool()
        let provider = SecondAttempt(provider: KeyFileProvider(path: root.path + "/root.key", pool: pool)) {
            try await Workspace.create(
                in: folder,
                keyProvider: KeyFileProvider(path: root.path + "/root.key", pool: pool),
                administrator: "root@example.com",
                runBy: "second",
                pool: pool
            )
        }
        let workspace = try await Workspace.create(
            in: folder, keyProvider: provider, administrator: "root@example.com", runBy: "first", pool: pool)
        let error = try #require(provider.error as? ScopeError)
        #expect(error.code == .temporarilyUnavailable)
        #expect(error.message.contains("Another program is making a workspace"))
        try await use(workspace)
        let again = try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: root.path + "/root.key", pool: pool), pool: pool)
        #expect(again.id == workspace.id)
        #expect(try await again.secrets().getSecret(scope: "scope", key: "key").version == 1)
    }

    /// A full disk at the first transaction leaves neither the store nor the key file.
    @Test func aFullDiskLeavesNothingBehind() async throws {
        let root = try TestFolder()
        let folder = root.path + "/home"
        let watch = try FileWatch(folder)
        let pool = SecretPool()
        let keyFile = KeyFileProvider(path: folder + "/root.key", pool: pool)
        let provider = FillingDisk(provider: keyFile, watch: watch)
        let error = await #expect(throws: ScopeError.self) {
            try await Workspace.create(
                in: folder, keyProvider: provider, administrator: "root@example.com", runBy: "tester", pool: pool)
        }
        #expect(error?.code == .temporarilyUnavailable)
        #expect(error?.message.contains("Free some space") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        watch.disarm()
        let workspace = try await Workspace.create(
            in: folder, keyProvider: keyFile, administrator: "root@example.com", runBy: "tester", pool: pool)
        try await use(workspace)
    }
}

/// Marks in the log when the key file was made.
private struct MarkingKeyProvider: KeyProvider {
    static let kind = KeyFileProvider.kind
    let provider: KeyFileProvider
    let watch: FileWatch
    let began: Int64
    let ended: Int64

    func wrap(_ rootKey: SecretBytes, for workspace: WorkspaceID) async throws -> WrappedRootKey {
        watch.mark(began)
        defer {
            // The provider syncs the folder that the file is in.
            watch.noteFolderSync()
            watch.mark(ended)
        }
        return try await provider.wrap(rootKey, for: workspace)
    }

    func unwrap(
        _ wrapped: WrappedRootKey, for workspace: WorkspaceID, in pool: SecretPool
    ) async throws -> SecretBytes {
        try await provider.unwrap(wrapped, for: workspace, in: pool)
    }
}

/// Tries to make a second workspace in the middle of making the first.
private final class SecondAttempt: KeyProvider {
    static let kind = KeyFileProvider.kind
    private let provider: KeyFileProvider
    private let attempt: @Sendable () async throws -> Workspace
    private let found = Mutex<(any Error)?>(nil)

    init(provider: KeyFileProvider, _ attempt: @escaping @Sendable () async throws -> Workspace) {
        self.provider = provider
        self.attempt = attempt
    }

    var error: (any Error)? { found.withLock { $0 } }

    func wrap(_ rootKey: SecretBytes, for workspace: WorkspaceID) async throws -> WrappedRootKey {
        let wrapped = try await provider.wrap(rootKey, for: workspace)
        do {
            _ = try await attempt()
        } catch {
            found.withLock { $0 = error }
        }
        return wrapped
    }

    func unwrap(
        _ wrapped: WrappedRootKey, for workspace: WorkspaceID, in pool: SecretPool
    ) async throws -> SecretBytes {
        try await provider.unwrap(wrapped, for: workspace, in: pool)
    }
}

/// Fills the disk once the key file is there.
private struct FillingDisk: KeyProvider {
    static let kind = KeyFileProvider.kind
    let provider: KeyFileProvider
    let watch: FileWatch

    func wrap(_ rootKey: SecretBytes, for workspace: WorkspaceID) async throws -> WrappedRootKey {
        let wrapped = try await provider.wrap(rootKey, for: workspace)
        watch.arm(FileWatch.Fault(operations: [.write], result: SQLiteCode.full))
        return wrapped
    }

    func unwrap(
        _ wrapped: WrappedRootKey, for workspace: WorkspaceID, in pool: SecretPool
    ) async throws -> SecretBytes {
        try await provider.unwrap(wrapped, for: workspace, in: pool)
    }

    func discard(for workspace: WorkspaceID) async {
        await provider.discard(for: workspace)
    }
}
