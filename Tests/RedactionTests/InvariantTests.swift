import Foundation
import Redaction
import RedactionReference
import SecretMemory
import Testing

/// The invariants of redaction, over random values, inputs and cuts, against ``Reference``.
struct InvariantTests {
    private static let inputsPerSet = 8

    struct Shard: CustomTestStringConvertible {
        var level: RedactionLevel
        var number: Int
        var setCount: Int
        var testDescription: String { "\(level), \(setCount) sets of values from seed \(firstSeed)" }
        var firstSeed: UInt64 { InvariantTests.base &+ UInt64(level.rawValue * 100_000_000 + number * 1_000_000) }
    }

    /// Other cases with every number that is given.
    private static let base = ProcessInfo.processInfo.environment["HUSH_SEED"].flatMap { UInt64($0) } ?? 0

    /// Sets of values with 8 inputs each, together more than 100,000 cases; each as a whole and in pieces.
    static let shards =
        (0..<8).map { Shard(level: .encoded, number: $0, setCount: 450) }
        + (0..<8).map { Shard(level: .strict, number: $0, setCount: 150) }
        + (0..<4).map { Shard(level: .literal, number: $0, setCount: 2_000) }

    @Test(arguments: shards)
    func outputIsThatOfTheReferenceHoweverTheInputIsCut(shard: Shard) throws {
        let pool = SecretPool()
        for number in 0..<shard.setCount {
            let seed = shard.firstSeed + UInt64(number)
            guard try holds(seed: seed, level: shard.level, in: pool) else { return }
        }
    }

    private func holds(seed: UInt64, level: RedactionLevel, in pool: SecretPool) throws -> Bool {
        var random = RandomCase(seed: seed, level: level.rawValue)
        let redactor = try Redactor(random.values, level: level, pool: pool)
        let forms = random.forms.flatMap { $0 }
        for _ in 0..<Self.inputsPerSet {
            let input = random.newInput(pieces: 1...5)
            let ranges = Reference.merged(Reference.occurrences(of: forms, in: input))
            let expected = Reference.redact(input, covering: ranges)
            let whole = redactor.redact(input)
            let cut = redactor.output(of: cuts(of: input, with: &random.generator))
            let isCovered = input.indices.map { index in ranges.contains { $0.contains(index) } }
            let uncovered = zip(input, isCovered).filter { !$0.1 }.map(\.0)
            let failure: String? =
                if whole != expected {
                    "whole: \(text(whole))"
                } else if cut != expected {
                    "cut at random: \(text(cut))"
                } else if withoutReplacements(whole) != uncovered {
                    "bytes that are not covered were changed: \(text(whole))"
                } else if redactor.contains(input) == ranges.isEmpty {
                    "contains() is wrong"
                } else {
                    nil
                }
            if let failure {
                let values = random.values.map(text)
                Issue.record("\(failure); seed \(seed), values \(values), input \(text(input)), \(text(expected))")
                return false
            }
        }
        return true
    }

    private func cuts(of input: [UInt8], with generator: inout SeededGenerator) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var start = 0
        // Byte by byte, or of all sizes up to one, none at all among them.
        let longest = generator.element(of: [1, 2, 4, 8, 16, 64])
        while start < input.count {
            let end = min(start + (longest == 1 ? 1 : generator.below(longest + 1)), input.count)
            chunks.append(Array(input[start..<end]))
            start = end
        }
        return chunks
    }

    /// `[` is in no value and no input.
    private func withoutReplacements(_ output: [UInt8]) -> [UInt8] {
        var rest = output[...]
        var text: [UInt8] = []
        while let first = rest.first {
            if first == UInt8(ascii: "[") {
                rest = rest.dropFirst(Reference.replacement.count)
            } else {
                text.append(first)
                rest = rest.dropFirst()
            }
        }
        return text
    }
}

func text(_ bytes: [UInt8]) -> String {
    bytes.map { $0 >= 0x20 && $0 < 0x7F ? String(UnicodeScalar($0)) : "\\x" + String($0, radix: 16) }.joined()
}
