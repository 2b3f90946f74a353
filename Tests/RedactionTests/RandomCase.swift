/// Values, and input made of pieces of them, over so small an alphabet that everything overlaps everything.
struct RandomCase {
    var generator: SeededGenerator
    private(set) var values: [[UInt8]] = []
    /// The forms of each value.
    private(set) var forms: [[Reference.Form]] = []

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        for _ in 0..<generator.number(1...4) { addValue() }
    }

    @discardableResult
    mutating func addValue() -> [UInt8] {
        let value = newValue()
        values.append(value)
        forms.append(Reference.forms(of: value))
        return value
    }

    private mutating func newValue() -> [UInt8] {
        switch generator.below(10) {
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
        default:
            guard let known = values.randomElement(using: &generator), known.count > 1 else {
                return generator.bytes(4...5, of: Array("ab".utf8))
            }
            let cut = generator.below(known.count)
            let more = generator.bytes(1...5, of: Array("ab1".utf8))
            return generator.below(2) == 0 ? Array(known[cut...]) + more : more + known[...cut]
        }
    }

    mutating func newInput(pieces: ClosedRange<Int>) -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0..<generator.number(pieces) { input += newPiece() }
        return input
    }

    mutating func newPiece() -> [UInt8] {
        let index = generator.below(values.count)
        let value = values[index]
        guard !value.isEmpty else { return [32] }
        switch generator.below(8) {
        case 0, 1: return value
        case 2: return Array(value.prefix(generator.number(1...value.count)))
        case 3: return Array(value.suffix(generator.number(1...value.count)))
        case 4: return forms[index].randomElement(using: &generator)?.bytes ?? value
        case 5: return generator.bytes(0...3, of: Array("ab1 \n-".utf8))
        case 6: return Array(generator.element(of: ["true", "1112", " ", "-", "\n", "NULL"]).utf8)
        default: return generator.bytes(0...4, of: [0x61, 0x62, 0xC3, 0xFF, 0x00])
        }
    }
}
