import DurabilityHistory
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
}
