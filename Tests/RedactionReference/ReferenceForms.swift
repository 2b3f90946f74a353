/// The forms of a value, written down in the slow and obvious way, without a line of the product's code.
extension Reference {
    /// How a form is looked for.
    package enum Search {
        case plain, readings, spaced, fragments
    }

    package struct Form: Equatable {
        package var bytes: [UInt8]
        var isWholeWord = false
        var search = Search.plain
        /// The position in the stream from which on occurrences count.
        var knownFrom = 0
    }

    /// 0 is literal, 1 is encoded, 2 is strict.
    package static func forms(of value: [UInt8], level: Int = 0) -> [Form] {
        let trimmed = trim(value)
        if value.count < 4 || trimmed.isEmpty { return [] }
        if isWeak(trimmed) { return [Form(bytes: value, isWholeWord: true)] }
        let normalized = replace([13, 10], by: [10], in: value)
        let lines = lines(of: value).filter { $0.count >= 8 && trim($0).count >= 4 && !isArmour(trim($0)) }
        let lineEnds = [normalized, replace([10], by: [13, 10], in: normalized)]
        let literal = [value] + (lines + lineEnds).filter { $0 != value }
        var forms = literal.flatMap { derived($0, from: value, .plain) }
        if level >= 1 {
            forms += literal.flatMap { derived($0, from: value, .readings) }.filter { !$0.isWholeWord }
            forms += [lowercased(value), uppercased(value)].flatMap { derived($0, from: value, .plain) }
        }
        if level >= 2 {
            forms += reversals(of: value).flatMap { derived($0, from: value, .plain) }
            if value.contains(where: isLetter) { forms += derived(value.map(rotated), from: value, .plain) }
            let squeezed = replace([0xE2, 0x80, 0xA2], by: [], in: value).filter { $0 >= 0x80 || isAlphanumeric($0) }
            if squeezed.count >= 4, !isWeak(squeezed) { forms += [Form(bytes: squeezed, search: .spaced)] }
            let least = max(8, (value.count + 1) / 2)
            for start in 0..<max(0, value.count - least + 1) {
                forms += [Form(bytes: Array(value[start..<start + least]), search: .fragments)]
            }
        }
        return forms
    }

    /// A derived form, unless it is too short.
    private static func derived(_ bytes: [UInt8], from value: [UInt8], _ search: Search) -> [Form] {
        if bytes.count < 4 || trim(bytes).isEmpty { return [] }
        let isWholeWord = bytes != value && (bytes.count < 8 || isWeak(trim(bytes)))
        return [Form(bytes: bytes, isWholeWord: isWholeWord, search: search)]
    }

    package static func lowercased(_ value: [UInt8]) -> [UInt8] {
        value.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
    }

    package static func uppercased(_ value: [UInt8]) -> [UInt8] {
        value.map { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 }
    }

    private static func rotated(_ byte: UInt8) -> UInt8 {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLM".utf8)
        let small = Array("abcdefghijklmnopqrstuvwxyzabcdefghijklm".utf8)
        if let index = alphabet.firstIndex(of: byte) { return alphabet[index + 13] }
        if let index = small.firstIndex(of: byte) { return small[index + 13] }
        return byte
    }

    /// The bytes reversed, and the characters reversed.
    private static func reversals(of value: [UInt8]) -> [[UInt8]] {
        let text = String(decoding: value, as: UTF8.self)
        guard Array(text.utf8) == value else { return [value.reversed()] }
        return [value.reversed(), Array(String(String.UnicodeScalarView(text.unicodeScalars.reversed())).utf8)]
    }

    /// Whether it is a line that begins or ends a block of PEM.
    private static func isArmour(_ line: [UInt8]) -> Bool {
        let text = String(decoding: line, as: UTF8.self)
        return (text.hasPrefix("-----BEGIN ") || text.hasPrefix("-----END ")) && text.hasSuffix("-----")
    }

    static func lines(of value: [UInt8]) -> [[UInt8]] {
        let lines = replace([13, 10], by: [10], in: value).split(separator: 10, omittingEmptySubsequences: false)
        return lines.count == 1 ? [] : lines.map { Array($0) }
    }

    static func replace(_ old: [UInt8], by new: [UInt8], in text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text[...]
        while let first = rest.first {
            if rest.starts(with: old) {
                result += new
                rest = rest.dropFirst(old.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    static func trim(_ text: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { [9, 10, 11, 12, 13, 32].contains($0) }
        return Array(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private static func isWeak(_ trimmed: [UInt8]) -> Bool {
        if trimmed.count < 6, trimmed.allSatisfy({ $0 >= 48 && $0 <= 57 }) { return true }
        return commonWords.contains(String(decoding: trimmed, as: UTF8.self).lowercased())
    }
}
