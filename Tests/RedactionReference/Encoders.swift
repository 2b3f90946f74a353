/// Ways to write a value, for tests: what programs print.
package enum Encoders {
    package typealias Encoder = @Sendable (_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8]

    /// Those that ``RedactionLevel/encoded`` promises to find.
    package static let encoded: [Encoder] = [
        base64, base64InLongerText, base32, hex, hexList, decimalList, utf16, percent, form, backslash, entities,
        quotedPrintable, { value, _ in Reference.lowercased(value) }, { value, _ in Reference.uppercased(value) },
    ]

    /// Those that ``RedactionLevel/strict`` promises to find besides.
    package static let strict: [Encoder] = [{ value, _ in value.reversed() }, spaced, fragment]

    // MARK: Digits

    private static func digits(_ bytes: [UInt8], _ width: Int, _ alphabet: String) -> [UInt8] {
        let alphabet = Array(alphabet.utf8)
        var bits = bytes.flatMap { byte in (0..<8).map { Int(byte) >> (7 - $0) & 1 } }
        while bits.count % width != 0 { bits.append(0) }
        return stride(from: 0, to: bits.count, by: width).map { start in
            alphabet[bits[start..<start + width].reduce(0) { 2 * $0 + $1 }]
        }
    }

    static let standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    static let urlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    @Sendable static func base64(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let text = digits(value, 6, generator.below(2) == 0 ? standard : urlSafe)
        return generator.below(2) == 0 ? text + padding(behind: text.count, of: 4) : text
    }

    /// What fills up so many digits to whole blocks.
    private static func padding(behind count: Int, of block: Int) -> [UInt8] {
        [UInt8](repeating: 61, count: (block - count % block) % block)
    }

    @Sendable static func base64InLongerText(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let before = generator.bytes(0...60, of: Array(0...255))
        let behind = generator.bytes(0...9, of: Array(0...255))
        var text = digits(before + value + behind, 6, standard)
        if generator.below(2) == 0 { text += padding(behind: text.count, of: 4) }
        let width = generator.element(of: [64, 76, 1000])
        let lineEnd = generator.element(of: ["\n", "\r\n", "\\n", "\n  "])
        var wrapped: [UInt8] = []
        for (index, byte) in text.enumerated() {
            if index > 0, index % width == 0 { wrapped += Array(lineEnd.utf8) }
            switch (byte, generator.below(4)) {
            case (UInt8(ascii: "+"), 0): wrapped += Array("%2B".utf8)
            case (UInt8(ascii: "/"), 0): wrapped += Array("\\/".utf8)
            case (UInt8(ascii: "/"), 1): wrapped += Array("\\u002F".utf8)
            default: wrapped.append(byte)
            }
        }
        return wrapped
    }

    @Sendable static func base32(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let text = digits(
            generator.bytes(0...5, of: Array(0...255)) + value, 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return generator.below(2) == 0 ? text + padding(behind: text.count, of: 8) : text
    }

    @Sendable static func hex(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        digits(value, 4, generator.below(2) == 0 ? "0123456789abcdef" : "0123456789ABCDEF")
    }

    // MARK: Lists

    private static func list(
        _ items: [String],
        _ separators: [String],
        _ generator: inout SeededGenerator
    ) -> [UInt8] {
        let separator = generator.element(of: separators)
        var text: [UInt8] = []
        for (index, item) in items.enumerated() {
            if index > 0 { text += Array((generator.below(9) == 0 ? "\n" : separator).utf8) }
            text += Array(item.utf8)
        }
        return text
    }

    @Sendable static func hexList(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let items = value.map { String(decoding: digits([$0], 4, "0123456789abcdef"), as: UTF8.self) }
        return list(items, [" ", ":", ", 0x", "', '0x", "-", " 0x", ""], &generator)
    }

    @Sendable static func decimalList(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let isSigned = generator.below(2) == 0
        let items = value.map { isSigned ? String(Int8(bitPattern: $0)) : String($0) }
        return list(items, [", ", ",", " ", ",\n    "], &generator)
    }

    // MARK: Escapes

    @Sendable static func utf16(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let isLittleEndian = generator.below(2) == 0
        return String(decoding: value, as: UTF8.self).utf16.flatMap { unit in
            let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return isLittleEndian ? bytes : bytes.reversed()
        }
    }

    private static func escape(
        _ value: [UInt8],
        _ generator: inout SeededGenerator,
        _ escape: (UInt8, inout SeededGenerator) -> String
    ) -> [UInt8] {
        let share = generator.element(of: [1, 2, 5])
        return value.flatMap { byte in
            let isNeeded = !Reference.isAlphanumeric(byte)
            return isNeeded || generator.below(share) == 0 ? Array(escape(byte, &generator).utf8) : [byte]
        }
    }

    private static func padded(_ byte: UInt8, _ count: Int, _ generator: inout SeededGenerator) -> String {
        let digits = String(byte, radix: 16, uppercase: generator.below(2) == 0)
        return String(repeating: "0", count: count - digits.count) + digits
    }

    @Sendable static func percent(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        escape(value, &generator) { "%" + padded($0, 2, &$1) }
    }

    @Sendable static func form(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        escape(value, &generator) { $0 == 32 ? "+" : "%" + padded($0, 2, &$1) }
    }

    @Sendable static func quotedPrintable(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        escape(value, &generator) { byte, generator in
            generator.below(4) == 0
                ? "=\r\n" + String(UnicodeScalar(byte < 0x80 && byte != 61 ? byte : 95))
                : "=" + padded(byte, 2, &generator)
        }
    }

    @Sendable static func backslash(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        escape(value, &generator) { byte, generator in
            switch (byte, generator.below(5)) {
            case (10, 0): "\\n"
            case (39, 0): "'\\''"
            case (39, 1): "'\"'\"'"
            case (32...47, 2): "\\" + String(UnicodeScalar(byte))
            case (_, 3) where byte < 0x80: "\\u" + padded(byte, 4, &generator)
            case (_, 4) where byte < 0x80: "\\u{" + padded(byte, 2, &generator) + "}"
            default: "\\x" + padded(byte, 2, &generator)
            }
        }
    }

    @Sendable static func entities(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        escape(value, &generator) { byte, generator in
            generator.below(2) == 0 ? "&#\(byte);" : "&#x" + padded(byte, 2, &generator) + ";"
        }
    }

    // MARK: Strict

    @Sendable static func spaced(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let separator = generator.element(of: [" ", ", ", "\", \"", "\n", "\n- ", "•", " • ", Self.longGap])
        return value.flatMap { [$0] + Array((generator.below(9) == 0 ? "" : separator).utf8) }
    }

    private static let longGap = String(repeating: ".", count: 21)

    @Sendable static func fragment(_ value: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let count = min(value.count, max(8, (value.count + 1) / 2) + generator.below(3))
        let start = generator.below(value.count - count + 1)
        return Array(value[start..<start + count])
    }
}
