import Redaction
import RedactionReference
import SecretMemory
import Synchronization
import Testing

struct ConcurrencyTests {
    private final class Record: Sendable {
        let added = Mutex<[[UInt8]]>([])
    }

    /// One task makes values known and then says so; two others print them at once, in pieces. What was known before
    /// it was fed must not come out, whatever else is added meanwhile.
    @Test
    func valueAddedFromAnotherTaskCountsForEveryByteFedAfterwards() async throws {
        let pool = SecretPool()
        let redactor = Redactor(pool: pool)
        let record = Record()
        let count = 400

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var generator = SeededGenerator(seed: 11)
                for _ in 0..<count {
                    let value = generator.bytes(8...20, of: Array("abcdefghijk".utf8))
                    try redactor.add(SecretBytes(value, in: pool))
                    record.added.withLock { $0.append(value) }
                    await Task.yield()
                }
            }
            for reader in 0..<2 {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(reader))
                    var stream = CollectingStream(of: redactor)
                    var seen = 0
                    while seen < count {
                        let values = record.added.withLock { Array($0.suffix(3)) }
                        seen = record.added.withLock { $0.count }
                        let text = Array("<".utf8) + Array(values.joined(separator: Array("> <".utf8))) + [62, 10]
                        let cut = generator.below(text.count)
                        stream.feed(Array(text[..<cut]))
                        stream.feed(Array(text[cut...]))
                        await Task.yield()
                    }
                    stream.finish()
                    // Only values stand between angle brackets.
                    let words = stream.text.split { "<> \n".contains($0) }
                    let leaks = words.filter { $0 != "[REDACTED]" }
                    #expect(leaks.isEmpty, "\(leaks.prefix(3)), seeds 11 and \(reader)")
                }
            }
            try await group.waitForAll()
        }
    }
}
