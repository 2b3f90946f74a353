import DurabilityHistory
import Foundation
import GRDB
import RepeatableRandomness
import SecretScopes
import Testing
import Workspace

/// What the simulator and its checks are there for must be found by them.
@Suite("The simulator of power cuts finds what is broken")
struct PowerCutSimulatorTests {
    @Test func aDiskThatLiesAboutSyncs() async throws {
        let recording = try await DayRecording { script in
            var script = script
            script.syncsInTheAfternoon = false
            return script
        }
        let entries = recording.entries
        var random = SeededGenerator(seed: TestSettings.seed)
        let end = entries.count
        let result = try await recording.cuts(entries).run(end - 5...end, random: &random)
        #expect(result.problems.contains { $0.contains("was acknowledged, but the record ends with") })
    }

    @Test func anAcknowledgementBeforeTheSync() async throws {
        let recording = try await DayRecording()
        var entries = recording.entries
        for position in entries.indices {
            guard case .mark(let mark) = entries[position].event, !mark.isMultiple(of: 2) else { continue }
            let sync = entries[..<position].lastIndex { if case .sync = $0.event { true } else { false } }
            entries.insert(entries.remove(at: position), at: try #require(sync))
        }
        var random = SeededGenerator(seed: TestSettings.seed)
        let middle = entries.count / 2
        let result = try await recording.cuts(entries).run(middle...middle + 60, random: &random)
        #expect(result.problems.contains { $0.contains("was acknowledged, but the record ends with") })
    }

    /// One way to spoil a store, and what the check must say.
    struct Spoiling: Sendable, CustomTestStringConvertible {
        var what: String
        var sql: String
        var finding: String
        var testDescription: String { what }
    }

    @Test(arguments: [
        Spoiling(
            what: "a change without its event", sql: "DELETE FROM acl WHERE rowid_of_first", finding: "rows are not"),
        Spoiling(
            what: "an event without its change", sql: "DELETE FROM version WHERE number = 3", finding: "rows are not"),
        Spoiling(
            what: "a lost event", sql: "DELETE FROM event WHERE sequence = 20", finding: "not the beginning of the day"),
        Spoiling(what: "another summary", sql: "UPDATE read_summary SET reads = 99", finding: "summary of reads"),
    ])
    func aStoreThatIsNotWhatItsRecordSays(_ spoiling: Spoiling) async throws {
        let recording = try await DayRecording()
        let check = StoreCheck(day: try await recording.day(recording.entries), keyFile: recording.keyFile)
        let queue = try DatabaseQueue(path: Workspace.storePath(in: recording.folder))
        try await queue.write { database in
            try database.execute(
                sql: spoiling.sql.replacingOccurrences(
                    of: "rowid_of_first", with: "scope_id = (SELECT MIN(scope_id) FROM acl)"))
            try #require(database.changesCount > 0)
        }
        try queue.close()
        let finding = await check.check(recording.folder, cutAt: recording.entries.count, uses: false)
        #expect(finding.problems.contains { $0.contains(spoiling.finding) }, "\(finding.problems)")
    }

    @Test func aStoreOfAnotherMoment() async throws {
        let recording = try await DayRecording()
        let entries = recording.entries
        let day = try await recording.day(entries)
        var random = SeededGenerator(seed: TestSettings.seed)
        let middle = try #require(day.acknowledged.firstIndex { $0 > day.rows.count / 2 })
        let image = recording.disk(before: middle, random: &random).image(.everything, random: &random)
        func problems(cutAt position: Int, _ boundaries: Set<Int64>? = nil) async throws -> [String] {
            let path = recording.root.path + "/image"
            try TestFolder.make(path, holding: image)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let check = StoreCheck(
                day: try await recording.day(entries, boundaries: boundaries), keyFile: recording.keyFile)
            return await check.check(path, cutAt: position, uses: true).problems
        }
        #expect(try await problems(cutAt: middle) == [])
        #expect(try await problems(cutAt: entries.count).contains { $0.contains("was acknowledged, but") })
        #expect(try await problems(cutAt: middle / 2).contains { $0.contains("before its call") })
        #expect(try await problems(cutAt: middle, [0]).contains { $0.contains("in the middle of a transaction") })
    }

    @Test func theDiskModelDropsTearsAndReorders() {
        let first = [UInt8](repeating: 1, count: 1024)
        let second = [UInt8](repeating: 2, count: 1024)
        var random = SeededGenerator(seed: TestSettings.seed)
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                var disk = DiskModel(["log": [UInt8](repeating: 0, count: 1024)]) { _ in "log" }
                func apply(_ event: FileWatch.Entry.Event) {
                    disk.apply(FileWatch.Entry(file: 0, event: event), random: &random)
                }
                func images(_ landing: DiskModel.Landing, _ count: Int = 1) -> Set<[UInt8]> {
                    Set((0..<count).compactMap { _ in disk.image(landing, random: &random)["log"] })
                }
                apply(.open(existed: true))
                apply(.write(offset: 0, bytes: first))
                #expect(images(.nothing) == [[UInt8](repeating: 0, count: 1024)])
                #expect(images(.everything) == [[UInt8](repeating: 1, count: 1024)])
                apply(.sync)
                #expect(images(.nothing) == [[UInt8](repeating: 1, count: 1024)])
                apply(.write(offset: 1024, bytes: second))
                apply(.write(offset: 2048, bytes: second))
                #expect(images(.lengths).map(\.count) == [3072])
                let torn = images(.torn(numerator: 1, denominator: 2))
                #expect(torn.map { $0.filter { $0 == 2 }.count } == [1024 + 512])
                // Each of the two writes alone, both, none; the later one without the earlier one too.
                let whole = images(.some(percent: 50, bySector: false), 100)
                #expect(whole.count == 4)
                #expect(whole.contains { $0.count == 3072 && $0[1500] == 0 && $0[2500] == 2 })
                #expect(images(.some(percent: 50, bySector: true), 300).count == 16)
                // What a failed sync left is not written by the next one.
                apply(.failedSync)
                apply(.sync)
                #expect(images(.nothing) == images(.everything))
            }
        }
    }
}
