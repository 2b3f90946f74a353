import DurabilityHistory
import Foundation
import GRDB
import RepeatableRandomness
import SecretMemory
import SecretScopes
import Workspace

/// A day that was lived through while its files were watched.
final class DayRecording: Sendable {
    let root: TestFolder
    let watch: FileWatch
    let calls: [CallLedger.Call]
    /// The number of events after each transaction, and before the first.
    let boundaries: Set<Int64>
    private let entryCount: Int

    var folder: String { root.path + "/home" }
    var keyFile: String { root.path + "/root.key" }

    init(_ script: (ScriptedDay) -> ScriptedDay = { $0 }) async throws {
        root = try TestFolder()
        let folder = root.path + "/home"
        watch = try FileWatch(folder)
        let day = script(ScriptedDay(folder: folder, keyFile: root.path + "/root.key", watch: watch))
        try await day.run()
        calls = day.ledger.calls
        entryCount = watch.entries.count
        boundaries = try Self.boundaries(watch, in: root.path + "/boundaries")
    }

    /// What was done to the files up to the day's end.
    var entries: [FileWatch.Entry] { Array(watch.entries.prefix(entryCount)) }

    /// The day, as it must be found.
    func day(_ entries: [FileWatch.Entry], boundaries: Set<Int64>? = nil) async throws -> RecordedDay {
        let pool = SecretPool()
        let workspace = try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
        return try RecordedDay(
            workspace: workspace, entries: entries, calls: calls, boundaries: boundaries ?? self.boundaries)
    }

    func cuts(_ entries: [FileWatch.Entry], fewestImages: Int = 0) async throws -> PowerCuts {
        PowerCuts(
            entries: entries,
            check: StoreCheck(day: try await day(entries), keyFile: keyFile),
            folder: root.path,
            fileName: { [watch] in watch.name(ofFile: $0) },
            fewestImages: fewestImages
        )
    }

    /// The disk as it was before the entry at `position`.
    func disk(before position: Int, random: inout SeededGenerator) -> DiskModel {
        var disk = DiskModel(fileName: watch.name(ofFile:))
        for entry in entries.prefix(position) { disk.apply(entry, random: &random) }
        return disk
    }

    /// The number of events after each transaction: what is on the disk before every sync, when all writes have landed.
    private static func boundaries(_ watch: FileWatch, in folder: String) throws -> Set<Int64> {
        var boundaries: Set<Int64> = [0]
        var random = SeededGenerator(seed: TestSettings.seed)
        var disk = DiskModel(fileName: watch.name(ofFile:))
        for entry in watch.entries {
            if case .sync = entry.event {
                try TestFolder.make(folder, holding: disk.image(.everything, random: &random))
                defer { try? FileManager.default.removeItem(atPath: folder) }
                // No table yet: no events.
                boundaries.insert((try? events(in: folder)) ?? 0)
            }
            disk.apply(entry, random: &random)
        }
        try TestFolder.make(folder, holding: disk.image(.everything, random: &random))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        boundaries.insert(try events(in: folder))
        return boundaries
    }

    private static func events(in folder: String) throws -> Int64 {
        let queue = try DatabaseQueue(path: Workspace.storePath(in: folder))
        defer { try? queue.close() }
        return try queue.read { try Int64.fetchOne($0, sql: "SELECT events FROM head") ?? 0 }
    }
}
