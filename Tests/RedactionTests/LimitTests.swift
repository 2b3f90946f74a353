import RedactionReference
import SecretMemory
import Testing

@testable import Redaction

struct LimitTests {
    @Test(arguments: [(RedactionLevel.literal, 10_000), (.encoded, 1_000), (.strict, 100)])
    func moreValuesThanALevelTakesAreRefusedWithTheCount(level: RedactionLevel, limit: Int) throws {
        let pool = SecretPool()
        let redactor = try Redactor((0..<limit).map { Array("value-\($0)".utf8) }, level: level, pool: pool)
        #expect(redactor.valueCount == limit)
        let error = #expect(throws: RedactionError.self) {
            try redactor.add(SecretBytes(Array("one-too-many".utf8), in: pool))
        }
        #expect(error?.code == .tooManyValues)
        #expect(error?.valueCount == limit && error?.level == level)
        #expect(error?.description.contains("\(limit) values at the level \(level)") == true)
        #expect(error?.description.contains("one-too-many") == false)

        #expect(redactor.redact("one-too-many value-99!") == "one-too-many [REDACTED]!")
        try redactor.add(SecretBytes(Array("value-77".utf8), in: pool))
        #expect(redactor.valueCount == limit, "an equal value changes nothing")
    }

    @Test
    func aValueCountsAtItsLevelAndBelow() throws {
        let pool = SecretPool()
        let redactor = try Redactor((0..<999).map { Array("value-\($0)".utf8) }, level: .encoded, pool: pool)
        for number in 0..<100 {
            try redactor.add(SecretBytes(Array("value-\(number)".utf8), in: pool), level: .strict)
        }
        #expect(redactor.valueCount == 999)
        let raised = #expect(throws: RedactionError.self) {
            try redactor.add(SecretBytes(Array("value-100".utf8), in: pool), level: .strict)
        }
        #expect(raised?.level == .strict && raised?.valueCount == 100)
        try redactor.add(SecretBytes(Array("value-999".utf8), in: pool), level: .literal)
        let added = #expect(throws: RedactionError.self) {
            try redactor.add(SecretBytes(Array("one-too-many".utf8), in: pool))
        }
        #expect(added?.level == .encoded && added?.valueCount == 1_000)
    }

    @Test
    func equalValueIsTakenOnce() throws {
        let redactor = try Redactor(["hunter22", "hunter22", "hunter23"])
        #expect(redactor.valueCount == 2)
        #expect(redactor.redact("hunter22") == "[REDACTED]")
    }

    @Test
    func formsOfAllValuesTogetherAreLimited() throws {
        let pool = SecretPool()
        var known = KnownValues()
        let large = SecretBytes(count: 1024 * 1024, in: pool) { $0.initializeMemory(as: UInt8.self, repeating: 97) }
        let form = KnownForm.forms(of: large, level: .literal, in: pool)
        let limit = Redactor.maximumFormByteCount / large.count
        try known.add(large, level: .literal, forms: Array(repeating: form, count: limit).flatMap { $0 })
        let error = #expect(throws: RedactionError.self) {
            let value = SecretBytes(Array("hunter22".utf8), in: pool)
            try known.add(value, level: .literal, forms: KnownForm.forms(of: value, level: .literal, in: pool))
        }
        #expect(error?.code == .tooManyBytes)
        #expect(error?.description.contains("256 MiB") == true)
        #expect(known.valueCount == 1 && known.forms.count == limit)
    }

    @Test
    func aNodeTakes24Bytes() {
        #expect(MemoryLayout<AutomatonTables.Node>.stride == 24)
    }

    /// The largest value of the workspace, as random text, as one repeated byte and as short lines.
    @Test(arguments: ["random", "repeated", "lines"])
    func valueOf131072BytesIsFoundAcrossChunks(kind: String) throws {
        var generator = SeededGenerator(seed: 5)
        let count = 131_072
        var value = generator.bytes(count...count, of: Array((kind == "repeated" ? "a" : "abcdefgh").utf8))
        if kind == "lines" {
            for index in stride(from: 8, to: count, by: 9) { value[index] = 10 }
        }
        let redactor = try Redactor([value], pool: SecretPool())
        var stream = CollectingStream(of: redactor)
        stream.feed("before ")
        for start in stride(from: 0, to: count, by: 4096) { stream.feed(Array(value[start..<start + 4096])) }
        stream.feed(" after")
        stream.finish()
        #expect(stream.text == "before [REDACTED] after")
    }

    /// Input is searched in slices inside; no cut between them may hide a value.
    @Test
    func valueAnywhereInAVeryLongChunkIsFound() throws {
        let value = Array("hunter22".utf8)
        let redactor = try Redactor([value], pool: SecretPool())
        for offset in 0...8 {
            var input = [UInt8](repeating: UInt8(ascii: "h"), count: 300_000)
            for edge in [65_536, 131_072, 262_144] {
                input.replaceSubrange(edge - offset..<edge - offset + value.count, with: value)
            }
            let ranges = [65_536, 131_072, 262_144].map { $0 - offset..<$0 - offset + value.count }
            #expect(redactor.redact(input) == Reference.redact(input, covering: ranges), "offset \(offset)")
            let last = [UInt8](repeating: UInt8(ascii: "h"), count: 65_536 - offset) + value
            #expect(redactor.contains(last))
            #expect(!redactor.contains(Array(last.dropLast())))
        }
    }

    /// Nothing of what is fed is kept for longer than the longest form needs.
    @Test
    func whatIsHeldBackIsBoundedByTheLongestForm() throws {
        let redactor = try Redactor([String(repeating: "a", count: 64) + "b"])
        var stream = CollectingStream(of: redactor)
        for _ in 0..<1000 {
            stream.feed(String(repeating: "a", count: 7))
            #expect(stream.heldByteCount <= 64)
        }
    }

    /// A trie of few nodes with very many children, in which every byte must be told apart.
    @Test
    func formsThatDifferInOneByteAreToldApart() throws {
        let pool = SecretPool()
        let bytes = (0...255).map { UInt8($0) }
        let values = bytes.filter { $0 % 3 != 0 }.map { Array("pre-".utf8) + [$0] + Array("-post".utf8) }
        let redactor = try Redactor(values, pool: pool)
        for byte in bytes {
            let input = Array("pre-".utf8) + [byte] + Array("-post".utf8)
            #expect(redactor.contains(input) == (byte % 3 != 0), "byte \(byte)")
        }
    }
}
