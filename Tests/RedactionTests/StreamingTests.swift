import Redaction
import RedactionReference
import SecretMemory
import Testing

/// What comes out of a stream and when, over random sequences of what its owner and others may do, against
/// ``ReferenceStream``.
struct StreamingTests {
    private static let sequencesPerShard = 2_500

    struct Mix: CustomTestStringConvertible {
        var adds: Bool
        var idles: Bool
        var testDescription: String { "adds: \(adds), idles: \(idles)" }
    }

    /// After every step the output is compared: nothing is missing, so nothing is held back that cannot become an
    /// occurrence; nothing is there too early; the value that was added last counts for all that was held back.
    @Test(arguments: [
        Mix(adds: false, idles: false), Mix(adds: true, idles: false), Mix(adds: false, idles: true),
        Mix(adds: true, idles: true),
    ])
    func everyStepReleasesWhatIsCertainAndHoldsTheRest(mix: Mix) throws {
        let pool = SecretPool()
        for number in 0..<Self.sequencesPerShard {
            let seed = UInt64(7_000_000_000 + number)
            guard try holds(seed: seed, mix: mix, in: pool) else { return }
        }
    }

    private func holds(seed: UInt64, mix: Mix, in pool: SecretPool) throws -> Bool {
        var random = RandomCase(seed: seed)
        let redactor = try Redactor(random.values, pool: pool)
        var stream = CollectingStream(of: redactor)
        var reference = ReferenceStream()
        for value in random.values { reference.add(value) }
        var history = random.values.map { "add \(text($0))" }

        for _ in 0..<random.generator.number(1...12) {
            switch random.generator.below(6) {
            case 0 where mix.adds:
                let value = random.addValue()
                try redactor.add(SecretBytes(value, in: pool))
                reference.add(value)
                history.append("add \(text(value))")
            case 1 where mix.idles:
                stream.releaseIdle()
                reference.releaseIdle()
                history.append("idle")
            default:
                let piece = random.newPiece()
                let bytes = Array(piece.prefix(random.generator.number(1...12)))
                stream.feed(bytes)
                reference.feed(bytes)
                history.append("feed \(text(bytes))")
            }
            // A value that was just added is looked for when the stream is used next.
            if history.last?.hasPrefix("add") == true { continue }
            guard agree(stream.output, reference.output(), seed: seed, history: history) else { return false }
        }
        stream.finish()
        return agree(stream.output, reference.output(isComplete: true), seed: seed, history: history + ["finish"])
    }

    private func agree(_ output: [UInt8], _ expected: [UInt8], seed: UInt64, history: [String]) -> Bool {
        if output == expected { return true }
        Issue.record("\(text(output)) instead of \(text(expected)); seed \(seed), \(history)")
        return false
    }

    /// Whatever was let out early, the bytes that come after it never are.
    /// The digits of the second list stand in pairs that nobody can tell from what comes after the cut alone.
    @Test
    func listBehindAListIsFoundWhereverTheInputIsCut() throws {
        let pool = SecretPool()
        let redactor = try Redactor([[0xFF, 0x31, 0x20, 0x09]], level: .encoded, pool: pool)
        let input = Array("ff312009ff\n31-20-09ool, -1 49,32,9 -1 49,32,9".utf8)
        let expected =
            Reference.replacement + Reference.replacement + Array("ool, ".utf8) + Reference.replacement
            + Array(" ".utf8) + Reference.replacement
        for first in 0...input.count {
            for second in first...input.count {
                let chunks = [input[..<first], input[first..<second], input[second...]].map { Array($0) }
                #expect(redactor.output(of: chunks) == expected, "cut at \(first) and \(second)")
            }
        }
    }

    @Test
    func idleReleaseLetsOutNoMoreThanThreeBytesOfAValue() throws {
        for seed in UInt64(0)..<5_000 {
            var generator = SeededGenerator(seed: seed)
            let value = generator.bytes(8...24, of: Array("abcdefgh2345".utf8))
            let redactor = try Redactor([value], pool: SecretPool())
            var stream = CollectingStream(of: redactor)
            for byte in [32] + value + [32] {
                stream.feed([byte])
                if generator.below(2) == 0 { stream.releaseIdle() }
            }
            stream.finish()
            let parts = stream.text.split(separator: "[REDACTED]", omittingEmptySubsequences: false)
            let early = parts.first.map { $0.dropFirst() } ?? ""
            guard parts.count == 2, parts[1] == " ", early.utf8.count < 4, value.starts(with: early.utf8) else {
                Issue.record("\(stream.text) for \(text(value)), seed \(seed)")
                return
            }
        }
    }

    @Test
    func idleReleaseShowsAPromptAndStillRedactsTheRest() throws {
        var stream = CollectingStream(of: try Redactor(["hunter22"]))
        stream.feed("hu")
        #expect(stream.text == "" && stream.heldByteCount == 2)
        stream.releaseIdle()
        #expect(stream.text == "hu" && stream.heldByteCount == 0)
        stream.feed("nter22")
        #expect(stream.text == "hu[REDACTED]")
        stream.feed("!")
        #expect(stream.text == "hu[REDACTED]!")
    }

    @Test
    func idleReleaseKeepsFourBytesAndMore() throws {
        var stream = CollectingStream(of: try Redactor(["hunter22"]))
        stream.feed("hunt")
        stream.releaseIdle()
        #expect(stream.text == "" && stream.heldByteCount == 4)
        stream.finish()
        #expect(stream.text == "hunt")
    }

    /// In decimal, in hexadecimal, in base64, in UTF-16: what may begin a value in many encodings is everyday output.
    @Test(arguments: [
        (true, "104\n"), (false, "104\n"), (false, "68"), (false, "aHV"), (false, "total 6"), (false, "h\0"),
    ])
    func idleReleaseShowsWhatIsFewBytesOfAnEncodedValue(isTerminal: Bool, text: String) throws {
        var stream = CollectingStream(of: try Redactor(["hunter22"], level: .encoded))
        stream.feed(text)
        #expect(stream.heldByteCount > 0)
        stream.releaseIdle(onTerminal: isTerminal)
        #expect(stream.text == text)
    }

    @Test
    func idleReleaseShowsNoPartOfAValueAsItIsUnlessOnATerminal() throws {
        var stream = CollectingStream(of: try Redactor(["hunter22"], level: .encoded))
        stream.feed("a hun")
        stream.releaseIdle(onTerminal: false)
        #expect(stream.text == "a ")
        stream.releaseIdle(onTerminal: true)
        #expect(stream.text == "a hun")
        stream.feed("ter22")
        #expect(stream.text == "a hun[REDACTED]")
    }

    @Test
    func encodedRestOfWhatAnIdleReleaseHasShownIsReplaced() throws {
        var stream = CollectingStream(of: try Redactor(["hunter22"], level: .encoded))
        for byte in ["104", "117", "110", "116", "101", "114", "50", "50"] {
            stream.feed(byte + "\n")
            stream.releaseIdle(onTerminal: false)
        }
        stream.finish()
        #expect(stream.text == "104\n117\n110\n[REDACTED]\n")
    }

    /// Else the ends of lines would wait for the lines behind them.
    @Test(arguments: RedactionLevel.allCases)
    func endOfALineIsNotHeldBack(level: RedactionLevel) throws {
        var stream = CollectingStream(of: try Redactor(["hunter22", "Zebra-17"], level: level))
        stream.feed("made once\n")
        #expect(stream.text == "made once\n")
    }

    @Test
    func completeValueIsReplacedAtOnceEvenIfALongerOneMayFollow() throws {
        var stream = CollectingStream(of: try Redactor(["hunter22", "hunter22-and-more"]))
        stream.feed("x=hunter22")
        #expect(stream.text == "x=[REDACTED]")
        stream.feed("-and-more.")
        #expect(stream.text == "x=[REDACTED].")
    }

    @Test
    func nothingIsHeldBackThatCannotBecomeAnOccurrence() throws {
        var stream = CollectingStream(of: try Redactor(["hunter22", "test"]))
        stream.feed("contest")
        #expect(stream.text == "contest", "a word cannot begin behind a letter")
        stream.feed(" test")
        #expect(stream.text == "contest ", "the next byte decides about a word")
        stream.feed("s")
        #expect(stream.text == "contest tests")
    }

    @Test
    func finishedStreamIsAsNew() throws {
        var stream = CollectingStream(of: try Redactor(["test"]))
        stream.feed("x")
        stream.finish()
        stream.feed("test")
        stream.finish()
        #expect(stream.text == "x[REDACTED]")
    }

    @Test
    func valueAddedBetweenTwoWritesCountsForWhatIsHeldBack() throws {
        let pool = SecretPool()
        let redactor = try Redactor(["hunter22"], pool: pool)
        var stream = CollectingStream(of: redactor)
        stream.feed("hunter")
        try redactor.add(SecretBytes(Array("unterwegs".utf8), in: pool))
        stream.feed("wegs")
        stream.finish()
        #expect(stream.text == "h[REDACTED]")
    }

    @Test
    func occurrenceThatAnAddedValueMakesOfWhatIsHeldBackComesOutWithTheNextCall() throws {
        let pool = SecretPool()
        let redactor = try Redactor(["hunter22"], pool: pool)
        var stream = CollectingStream(of: redactor)
        stream.feed("hunter2")
        try redactor.add(SecretBytes(Array("hunter2".utf8), in: pool))
        #expect(stream.text == "")
        stream.feed("")
        #expect(stream.text == "[REDACTED]")
    }

    private struct BrokenPipe: Error {}

    @Test
    func errorOfTheSinkIsPassedOn() throws {
        let redactor = try Redactor(["hunter22"])
        var stream = redactor.makeStream()
        #expect(throws: BrokenPipe.self) {
            try stream.feed(Array("text".utf8).span.bytes) { (_: RawSpan) throws(BrokenPipe) in throw BrokenPipe() }
        }
    }
}
