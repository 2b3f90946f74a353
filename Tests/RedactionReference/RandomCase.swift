/// Values, and input made of pieces of them, over so small an alphabet that everything overlaps everything.
package struct RandomCase {
    package var generator: SeededGenerator
    /// 0 is literal, 1 is encoded, 2 is strict.
    package let level: Int
    package private(set) var values: [[UInt8]] = []
    /// The forms of each value.
    package private(set) var forms: [[Reference.Form]] = []
    /// The fewest bytes of a value: long ones are searched for in another way.
    private let minimumCount: Int

    package init(seed: UInt64, level: Int = 0) {
        generator = SeededGenerator(seed: seed)
        self.level = level
        minimumCount = level > 0 && seed % 3 == 0 ? 8 : 0
        for _ in 0..<generator.number(1...4) { addValue() }
    }

    @discardableResult
    package mutating func addValue() -> [UInt8] {
        var value = newValue()
        while value.count < minimumCount || isAssignment(value) { value = newValue() }
        values.append(value)
        forms.append(Reference.forms(of: value, level: level))
        return value
    }

    /// Whether the value may have parts that count by themselves, which the reference knows nothing about.
    private func isAssignment(_ value: [UInt8]) -> Bool {
        value.firstIndex(of: UInt8(ascii: "=")).map { value.count - $0 > 12 } ?? false
    }

    private mutating func newValue() -> [UInt8] {
        switch generator.below(level == 0 ? 10 : 14) {
        case 0: return generator.bytes(4...6, of: Array("ab".utf8))
        case 1: return generator.bytes(4...10, of: Array("ab12-".utf8))
        case 2: return Array(generator.element(of: ["true", "NULL", "1112", "12121", "True", " true", "true\n"]).utf8)
        case 3, 4:
            let lineEnd = generator.element(of: ["\n", "\r\n", "\n\r"])
            var value: [UInt8] = []
            for _ in 0..<generator.number(1...3) {
                value += generator.bytes(0...10, of: Array("ab ".utf8)) + Array(lineEnd.utf8)
            }
            return generator.below(2) == 0 ? value : value + generator.bytes(0...9, of: Array("ab".utf8))
        case 5: return generator.bytes(0...3, of: Array("ab".utf8))
        case 6: return [UInt8](repeating: 97, count: generator.number(4...7))
        case 7: return generator.bytes(4...6, of: [0x00, 0x61, 0xC3, 0xFF])
        case 10: return generator.bytes(8...20, of: Array("abAB12 +/=%\\&;'\"".utf8))
        case 11: return generator.bytes(8...12, of: Array("ab 0x4".utf8))
        case 12: return Array(generator.element(of: ["päßwörd-é", "ключ-ключ", "p😀ss😀😀", "a•b•c•d•e"]).utf8)
        case 13: return generator.bytes(9...24, of: Array("ab".utf8))
        default:
            guard let known = values.randomElement(using: &generator), known.count > 1 else {
                return generator.bytes(4...5, of: Array("ab".utf8))
            }
            let cut = generator.below(known.count)
            let more = generator.bytes(1...5, of: Array("ab1".utf8))
            return generator.below(2) == 0 ? Array(known[cut...]) + more : more + known[..<cut]
        }
    }

    package mutating func newInput(pieces: ClosedRange<Int>) -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0..<generator.number(pieces) { input += newPiece() }
        return input
    }

    package mutating func newPiece() -> [UInt8] {
        let index = generator.below(values.count)
        let value = values[index]
        guard !value.isEmpty else { return [32] }
        switch generator.below(level == 0 ? 8 : 14) {
        case 0, 1: return value
        case 2: return Array(value.prefix(generator.number(1...value.count)))
        case 3: return Array(value.suffix(generator.number(1...value.count)))
        case 4: return forms[index].randomElement(using: &generator)?.bytes ?? value
        case 5: return generator.bytes(0...3, of: Array("ab1 \n-".utf8))
        case 6: return Array(generator.element(of: ["true", "1112", " ", "-", "\n", "NULL"]).utf8)
        case 8: return Array(generator.element(of: Self.marks).utf8)
        case 9...: return encoded(value)
        default: return generator.bytes(0...4, of: [0x61, 0x62, 0xC3, 0xFF, 0x00])
        }
    }

    /// What readings take for the start or the middle of something.
    private static let marks = [
        "%", "%6", "\\", "\\\\", "\\u00", "\\x6", "'", "'\\", "&", "&#", "&#9", "=", "=\n", "=6", "+", "0x", ", ", "61",
        "97", "0", "\r\n", "•",
    ]

    private mutating func encoded(_ value: [UInt8]) -> [UInt8] {
        let encoders = level == 1 ? Encoders.encoded : Encoders.encoded + Encoders.strict
        let text = generator.element(of: encoders)(value, &generator)
        switch generator.below(6) {
        case 0: return Array(text.prefix(generator.number(1...max(1, text.count))))
        case 1: return Array(text.suffix(generator.number(1...max(1, text.count))))
        default: return text
        }
    }
}
