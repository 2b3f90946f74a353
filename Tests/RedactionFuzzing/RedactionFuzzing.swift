import Redaction
import RedactionReference
import SecretMemory

/// libFuzzer's way in. What it makes up becomes values, an input of pieces and encodings of them, and cuts; what comes out
/// must be what the reference says, however the input is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count >= 8 else { return 0 }
    var script = FuzzingScript(UnsafeBufferPointer(start: start, count: count))
    script.run()
    return 0
}

/// One made-up case.
private struct FuzzingScript {
    /// Letters that make no common words, digits, and what encodings treat in their own ways. No colon and no brace, so
    /// that no value is a URL or JSON, whose parts the reference does not know.
    private static let alphabet = Array("abxunABXU0124 \n\r\t-_+/=%\\&;'\",.<>~é•😀".utf8) + [0x00, 0xFF, 0xC3]

    private var bytes: ArraySlice<UInt8>
    private var generator: SeededGenerator

    init(_ data: UnsafeBufferPointer<UInt8>) {
        bytes = Array(data)[...]
        generator = SeededGenerator(seed: UInt64(data.reduce(5381) { ($0 &* 33) ^ Int($1) }.magnitude))
    }

    private mutating func next() -> UInt8 { bytes.popFirst() ?? 0 }

    mutating func run() {
        let levels = RedactionLevel.allCases
        let level = levels[Int(next()) % levels.count]
        let values = (0...Int(next()) % 3).compactMap { _ in newValue() }
        let pool = SecretPool()
        let redactor = Redactor(level: level, pool: pool)
        for value in values where (try? redactor.add(SecretBytes(copying: value.span.bytes, in: pool))) == nil {
            return
        }
        let input = newInput(of: values, level)
        let forms = values.flatMap { Reference.forms(of: $0, level: level.rawValue) }
        let ranges = Reference.merged(Reference.occurrences(of: forms, in: input))
        let expected = Reference.redact(input, covering: ranges)
        let whole = redactor.redact(input)
        precondition(whole == expected, "level \(level), values \(values), input \(input): \(whole), not \(expected)")
        let cut = inPieces(input, by: redactor)
        precondition(cut == expected, "in pieces, level \(level), values \(values), input \(input): \(cut)")
        precondition(redactor.contains(input) != ranges.isEmpty, "contains: level \(level), \(values), \(input)")
    }

    private mutating func newValue() -> [UInt8]? {
        let value = (0..<4 + Int(next()) % 20).map { _ in Self.alphabet[Int(next()) % Self.alphabet.count] }
        // Nor the value of an assignment.
        let assigned = value.firstIndex(of: UInt8(ascii: "=")).map { value.count - $0 } ?? 0
        return assigned > 12 ? nil : value
    }

    /// Bytes from 128 on stand for a value in one encoding or another, all of it or a part.
    private mutating func newInput(of values: [[UInt8]], _ level: RedactionLevel) -> [UInt8] {
        let encoders = [{ value, _ in value }] + Encoders.encoded + Encoders.strict
        var input: [UInt8] = []
        while let byte = bytes.popFirst(), input.count < 600 {
            guard byte >= 128, byte < 240, let value = values.randomElement(using: &generator) else {
                input.append(byte)
                continue
            }
            let text = encoders[Int(byte - 128) % encoders.count](value, &generator)
            switch next() % 4 {
            case 0: input += text.prefix(Int(next()) % (text.count + 1))
            case 1: input += text.suffix(Int(next()) % (text.count + 1))
            default: input += text
            }
        }
        return input
    }

    private mutating func inPieces(_ input: [UInt8], by redactor: Redactor) -> [UInt8] {
        var output: [UInt8] = []
        var stream = redactor.makeStream()
        let longest = generator.element(of: [1, 2, 5, 16, 64])
        var rest = input[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(generator.number(0...longest)))
            rest = rest.dropFirst(piece.count)
            stream.feed(piece.span.bytes) { $0.withUnsafeBytes { output.append(contentsOf: $0) } }
        }
        stream.finish { $0.withUnsafeBytes { output.append(contentsOf: $0) } }
        return output
    }
}
