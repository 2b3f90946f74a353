import RepeatableRandomness

@testable import DBUtils

/// A JSON value made at random, which knows many ways to be written and recognises itself in what a parser read.
indirect enum RandomJSON {
    case object([(name: String, value: RandomJSON)])
    case array([RandomJSON])
    case string(String)
    case number(String)
    case boolean(Bool)
    case null

    /// A piece of JSON text between which white space may stand.
    struct Token {
        var text: String
        /// Whether it is one of the six structural characters.
        var isStructural = false
    }

    init(depth: Int, using random: inout SeededGenerator) {
        switch random.number(0...(depth > 0 ? 7 : 5)) {
        case 0: self = .null
        case 1: self = .boolean(Bool.random(using: &random))
        case 2, 3: self = .number(Self.number(using: &random))
        case 4, 5: self = .string(Self.string(using: &random))
        case 6: self = .array((0..<random.number(0...4)).map { _ in RandomJSON(depth: depth - 1, using: &random) })
        default:
            self = .object(
                (0..<random.number(0...4)).map { _ in
                    (Self.string(using: &random), RandomJSON(depth: depth - 1, using: &random))
                }
            )
        }
    }

    /// The tokens of one way to write the value.
    func tokens(using random: inout SeededGenerator) -> [Token] {
        switch self {
        case .null: [Token(text: "null")]
        case .boolean(let value): [Token(text: value ? "true" : "false")]
        case .number(let text): [Token(text: text)]
        case .string(let text): [Token(text: Self.literal(text, using: &random))]
        case .array(let elements):
            Self.list("[", elements.map { $0.tokens(using: &random) }, "]")
        case .object(let members):
            Self.list(
                "{",
                members.map { member in
                    [Token(text: Self.literal(member.name, using: &random)), Token(text: ":", isStructural: true)]
                        + member.value.tokens(using: &random)
                },
                "}"
            )
        }
    }

    /// Whether `parsed`, which was read from `source`, is this value.
    func matches(_ parsed: JSON, in source: UnsafeRawBufferPointer) -> Bool {
        switch (self, parsed) {
        case (.null, .null): true
        case (.boolean(let value), .boolean(let other)): value == other
        case (.number(let text), .number(let range)): source[range].elementsEqual(text.utf8)
        case (.string(let text), .string):
            parsed.string(in: source).map { $0.utf8.elementsEqual(text.utf8) } == true
        case (.array(let elements), .array(let others)):
            elements.count == others.count && zip(elements, others).allSatisfy { $0.matches($1, in: source) }
        case (.object(let members), .object(let others)):
            members.count == others.count
                && zip(members, others).allSatisfy { member, other in
                    member.name.utf8.elementsEqual(other.name.utf8) && member.value.matches(other.value, in: source)
                }
        default: false
        }
    }

    /// The text of `tokens`, with at least `minimum` characters of white space between them.
    static func text(of tokens: [Token], minimumSpace minimum: Int, using random: inout SeededGenerator) -> [UInt8] {
        var text: [UInt8] = []
        for token in tokens {
            let space = (0..<random.number(minimum...(minimum + 2))).map { _ in
                [0x20, 0x0A, 0x0D, 0x09].randomElement(using: &random) ?? UInt8(ascii: " ")
            }
            text += space + token.text.utf8
        }
        return text
    }

    private static func list(_ opening: String, _ items: [[Token]], _ closing: String) -> [Token] {
        let comma = [Token(text: ",", isStructural: true)]
        return [Token(text: opening, isStructural: true)] + items.joined(separator: comma)
            + [Token(text: closing, isStructural: true)]
    }

    private static func number(using random: inout SeededGenerator) -> String {
        func digits() -> String { String(random.number(0...999_999)) }
        var text = Bool.random(using: &random) ? "-" : ""
        text += digits()
        if Bool.random(using: &random) { text += ".\(digits())" }
        if Bool.random(using: &random) {
            text += (["e", "E", "e+", "E-"].randomElement(using: &random) ?? "e") + digits()
        }
        return text
    }

    private static func string(using random: inout SeededGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0x00...0x1F, 0x22...0x22, 0x2F...0x2F, 0x5C...0x5C, 0x20...0x7E, 0x7F...0x7FF, 0x800...0xD7FF,
            0xE000...0xFFFF,
            0x10000...0x10FFFF,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<random.number(0...12) {
            let range = ranges.randomElement(using: &random) ?? 0x20...0x7E
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { text.append(scalar) }
        }
        return String(text)
    }

    /// `text` between quotes, each character raw or as one of its escapes.
    private static func literal(_ text: String, using random: inout SeededGenerator) -> String {
        let short: [Unicode.Scalar: String] = [
            "\"": #"\""#, "\\": #"\\"#, "/": #"\/"#, "\u{8}": #"\b"#, "\u{C}": #"\f"#, "\n": #"\n"#, "\r": #"\r"#,
            "\t": #"\t"#,
        ]
        var literal = "\""
        for scalar in text.unicodeScalars {
            let mustBeEscaped = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            switch random.number(0...2) {
            case 0 where !mustBeEscaped: literal.unicodeScalars.append(scalar)
            case 1: literal += short[scalar] ?? codeUnits(of: scalar, using: &random)
            default: literal += codeUnits(of: scalar, using: &random)
            }
        }
        return literal + "\""
    }

    private static func codeUnits(of scalar: Unicode.Scalar, using random: inout SeededGenerator) -> String {
        UTF16.encode(scalar).map { unit in
            unit.map { unit in
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                return #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        } ?? ""
    }
}
