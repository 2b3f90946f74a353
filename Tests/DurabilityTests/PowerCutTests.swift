import DurabilityHistory
import RepeatableRandomness
import SecretScopes
import Testing

@Suite("A power cut at every write and sync of a day")
struct PowerCutTests {
    @Test func everythingAcknowledgedIsThereAndNothingIsHalfDone() async throws {
        let recording = try await DayRecording()
        let entries = recording.entries
        let day = try await recording.day(entries)
        try #require(day.problems() == [])
        let created = try #require(day.acknowledged.firstIndex { $0 > 0 })
        var random = SeededGenerator(seed: TestSettings.seed)
        let result = try await recording.cuts(entries, fewestImages: 5000 * TestSettings.scale).run(
            created...entries.count, random: &random)
        print(
            "power cuts: \(result.images) different disks, cut at \(result.positions) of \(entries.count - created) "
                + "operations, with \(day.rows.count) events, seed \(TestSettings.seed)")
        #expect(result.problems.prefix(10) == [])
        #expect(result.images >= 5000 * TestSettings.scale)
    }

    /// The log is moved into the database behind a commit, on the same connection, when it has grown to a thousand pages.
    @Test func theCheckpointThatSQLiteMakesByItselfLosesNothing() async throws {
        let recording = try await DayRecording { script in
            var script = script
            script.largeValues = 40
            return script
        }
        let entries = recording.entries
        try #require(try await recording.day(entries).problems() == [])
        // Writes into the database file after the making of the workspace.
        let checkpoint = entries.indices.filter { index in
            guard index > 1000, case .write = entries[index].event else { return false }
            return recording.watch.name(ofFile: entries[index].file) == "hush.db"
        }
        try #require(checkpoint.count > 500)
        var random = SeededGenerator(seed: TestSettings.seed)
        let cuts = try await recording.cuts(entries)
        var images = 0
        for _ in 0..<20 * TestSettings.scale {
            let position = try #require(checkpoint.randomElement(using: &random))
            let result = await cuts.run(position...position, random: &random)
            images += result.images
            #expect(result.problems == [])
        }
        let end = try #require(checkpoint.last)
        let result = await cuts.run(end...min(end + 10, entries.count), random: &random)
        #expect(result.problems == [])
        print("power cuts in a checkpoint of \(checkpoint.count) pages: \(images + result.images) disks")
    }
}
