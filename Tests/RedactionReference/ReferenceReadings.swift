/// The readings of an input, each worked out for the whole of it.
extension Reference {
    /// A part of the input and what it stands for; nothing in a gap, `nil` where the reading breaks off.
    struct Unit {
        var range: Range<Int>
        var bytes: [UInt8]?
    }

    /// Where the forms are in any reading.
    static func readOccurrences(of forms: [Form], in input: [UInt8]) -> [Range<Int>] {
        if forms.isEmpty { return [] }
        let alphabets: [(String, String, Int)] = [
            (base64, base64URL, 6), (base32, base32, 5), (hex, hex.uppercased(), 4),
        ]
        var found: [Range<Int>] = []
        for (digits, others, width) in alphabets {
            found += digitOccurrences(of: forms, in: input, Array(digits.utf8), Array(others.utf8), width)
        }
        let escapes = [percent, form, backslash, characterBackslash, entity, quotedPrintable]
        for escape in escapes { found += occurrences(of: forms, in: units(of: input, escape), input) }
        found += occurrences(of: forms, in: decimalUnits(of: input), input)
        found += occurrences(of: forms, in: hexUnits(of: input), input)
        for isLittleEndian in [true, false] {
            for phase in 0...1 {
                found += occurrences(of: forms, in: utf16Units(of: input, isLittleEndian, from: phase), input)
            }
        }
        return found
    }

    static func spacedOccurrences(of forms: [Form], in input: [UInt8]) -> [Range<Int>] {
        forms.isEmpty ? [] : occurrences(of: forms, in: spacedUnits(of: input), input)
    }

    /// Where the bytes of the units are those of a form. What is written in fewer than 8 bytes counts only as a whole
    /// word.
    private static func occurrences(of forms: [Form], in units: [Unit], _ input: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        // Whether each byte is the first and the last of its unit.
        var ends: [(isFirst: Bool, isLast: Bool)] = []
        for unit in units + [Unit(range: 0..<0, bytes: nil)] {
            if let more = unit.bytes {
                bytes += more
                ranges += more.map { _ in unit.range }
                ends += more.indices.map { ($0 == 0, $0 == more.count - 1) }
                continue
            }
            for form in forms where form.bytes.count <= bytes.count {
                for start in 0...bytes.count - form.bytes.count where occurs(form.bytes, in: bytes, at: start) {
                    let last = start + form.bytes.count - 1
                    guard ends[start].isFirst, ends[last].isLast else { continue }
                    let range = ranges[start].lowerBound..<ranges[last].upperBound
                    if counts(range, in: input) { found.append(range) }
                }
            }
            bytes = []
            ranges = []
            ends = []
        }
        return found
    }

    private static func counts(_ range: Range<Int>, in input: [UInt8]) -> Bool {
        if range.count >= 8 { return true }
        return isBoundary(before: range.lowerBound, in: input) && isBoundary(behind: range.upperBound, in: input)
    }

    // MARK: Digits

    private static let base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    private static let base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    private static let hex = "0123456789abcdef"

    /// Bit by bit, from every digit and every place in it at which a byte may begin.
    private static func digitOccurrences(
        of forms: [Form],
        in input: [UInt8],
        _ digits: [UInt8],
        _ others: [UInt8],
        _ width: Int
    ) -> [Range<Int>] {
        var found: [Range<Int>] = []
        let begins = Set((0..<8).map { 8 * $0 % width })
        for run in digitRuns(in: input, digits, others, width) {
            let bits = run.flatMap { digit in (0..<width).map { digit.value >> (width - 1 - $0) & 1 } }
            for form in forms {
                let wanted = form.bytes.flatMap { byte in (0..<8).map { Int(byte) >> (7 - $0) & 1 } }
                for digit in run.indices {
                    for begun in begins {
                        let start = digit * width + begun
                        guard start + wanted.count <= bits.count, bits[start] == wanted[0] else { continue }
                        var equalCount = 0
                        while equalCount < wanted.count, bits[start + equalCount] == wanted[equalCount] {
                            equalCount += 1
                        }
                        guard equalCount == wanted.count else { continue }
                        let last = run[(start + wanted.count - 1) / width]
                        let range = run[digit].range.lowerBound..<last.range.upperBound
                        guard counts(range, in: input) else { continue }
                        // As many more digits would end with a whole byte.
                        var missing = 0
                        let unused = (width - (start + wanted.count) % width) % width
                        while (unused + missing * width) % 8 != 0 { missing += 1 }
                        let padding = input[range.upperBound...].prefix(missing).prefix { $0 == 61 }.count
                        found.append(range.lowerBound..<range.upperBound + padding)
                    }
                }
            }
        }
        return found
    }

    private static func digitRuns(
        in input: [UInt8],
        _ digits: [UInt8],
        _ others: [UInt8],
        _ width: Int
    ) -> [[(value: Int, range: Range<Int>)]] {
        var runs: [[(value: Int, range: Range<Int>)]] = [[]]
        var position = 0
        while position < input.count {
            let byte = input[position]
            if let value = digits.firstIndex(of: byte) ?? others.firstIndex(of: byte) {
                runs[runs.count - 1].append((value, position..<position + 1))
                position += 1
            } else if width == 6, let (value, count) = escapedDigit(in: input, at: position) {
                runs[runs.count - 1].append((value, position..<position + count))
                position += count
            } else if width > 4, let count = wrap(in: input, at: position) {
                position += count
            } else {
                runs.append([])
                position += 1
            }
        }
        return runs
    }

    private static func escapedDigit(in input: [UInt8], at position: Int) -> (Int, Int)? {
        let escapes = [
            "%2B": 62, "%2b": 62, "%2F": 63, "%2f": 63, "\\/": 63, "\\u002B": 62, "\\u002b": 62, "\\u002F": 63,
            "\\u002f": 63,
        ]
        for (text, value) in escapes where occurs(Array(text.utf8), in: input, at: position) {
            return (value, text.utf8.count)
        }
        return nil
    }

    /// A line break behind 40 bytes of encoded text, with an indentation of up to 8 bytes, or one as an escape.
    private static func wrap(in input: [UInt8], at position: Int) -> Int? {
        guard position >= 40 else { return nil }
        let isText: (UInt8) -> Bool = { isAlphanumeric($0) || "+/-_".utf8.contains($0) }
        guard input[(position - 40)..<position].allSatisfy(isText) else { return nil }
        for text in ["\\n", "\\r\\n"] where occurs(Array(text.utf8), in: input, at: position) { return text.utf8.count }
        for text in ["\n", "\r\n"] where occurs(Array(text.utf8), in: input, at: position) {
            let start = position + text.utf8.count
            let indentation = input[start...].prefix { $0 == 32 || $0 == 9 }.count
            if indentation <= 8, start + indentation < input.count { return text.utf8.count + indentation }
        }
        return nil
    }

    // MARK: Lists

    private static let separators = Array(" \t\r\n,:;\"'()[]{}".utf8)

    private static func decimalUnits(of input: [UInt8]) -> [Unit] {
        var units: [Unit] = []
        var position = 0
        while position < input.count {
            let gap = input[position...].prefix { separators.contains($0) }.count
            if gap > 0 {
                let isGap = gap <= 16 && position + gap < input.count
                units.append(Unit(range: position..<position + gap, bytes: isGap ? [] : nil))
                position += gap
                continue
            }
            let isNegative = input[position] == UInt8(ascii: "-")
            let digits = input[(position + (isNegative ? 1 : 0))...].prefix(while: isDigit)
            let end = digits.endIndex
            let value = Int(String(decoding: digits, as: UTF8.self)) ?? 256
            let isNumber =
                (1...3).contains(digits.count) && isBoundary(before: position, in: input)
                && isBoundary(behind: end, in: input) && (isNegative ? (1...128).contains(value) : value < 256)
            let count = isNumber ? end - position : 1
            let byte = UInt8(truncatingIfNeeded: isNegative ? -value : value)
            units.append(Unit(range: position..<position + count, bytes: isNumber ? [byte] : nil))
            position += count
        }
        return units
    }

    private static func hexUnits(of input: [UInt8]) -> [Unit] {
        var units: [Unit] = []
        var position = 0
        var follows = false
        while position < input.count {
            var gap = 0
            while position + gap < input.count {
                let next = position + gap
                if separators.contains(input[next]) || input[next] == UInt8(ascii: "-") {
                    gap += 1
                } else if isBoundary(before: next, in: input), startsHex(input, at: next) {
                    gap += 2
                } else {
                    break
                }
            }
            if gap > 0 {
                // Whatever is longer than a gap may be ends the list, and more of it is then no gap either.
                let isGap = gap <= 16 && position + gap < input.count
                units.append(Unit(range: position..<position + gap, bytes: isGap ? [] : nil))
                position += gap
                follows = isGap
                continue
            }
            let isPrefixed =
                position >= 2 && startsHex(input, at: position - 2)
                && isBoundary(before: position - 2, in: input)
            let digits = Array(input[position...].prefix(2).prefix { hexValue($0) != nil })
            let begins = follows || isPrefixed || isBoundary(before: position, in: input)
            let isByte =
                digits.count == 2
                || digits.count == 1 && isPrefixed && isBoundary(behind: position + 1, in: input)
            if begins, isByte {
                let byte = digits.reduce(0) { 16 * $0 + (hexValue($1) ?? 0) }
                units.append(Unit(range: position..<position + digits.count, bytes: [UInt8(byte)]))
                position += digits.count
                follows = true
            } else {
                units.append(Unit(range: position..<position + 1, bytes: nil))
                position += 1
                follows = false
            }
        }
        return units
    }

    private static func startsHex(_ input: [UInt8], at position: Int) -> Bool {
        occurs(Array("0x".utf8), in: input, at: position) || occurs(Array("0X".utf8), in: input, at: position)
    }

    static func hexValue(_ byte: UInt8) -> Int? {
        Array(hex.utf8).firstIndex(of: lowercased([byte])[0])
    }

    // MARK: Texts

    private static func utf16Units(of input: [UInt8], _ isLittleEndian: Bool, from phase: Int) -> [Unit] {
        var units: [Unit] = []
        var position = phase
        while position + 2 <= input.count {
            var count = 2
            var text = String(decoding: [codeUnit(in: input, at: position, isLittleEndian)], as: UTF16.self)
            if text == "\u{FFFD}", position + 4 <= input.count {
                let pair = [0, 2].map { codeUnit(in: input, at: position + $0, isLittleEndian) }
                let both = String(decoding: pair, as: UTF16.self)
                if both.unicodeScalars.count == 1 {
                    count = 4
                    text = both
                }
            }
            let isReplaced = text == "\u{FFFD}" && codeUnit(in: input, at: position, isLittleEndian) != 0xFFFD
            units.append(Unit(range: position..<position + count, bytes: isReplaced ? nil : Array(text.utf8)))
            position += count
        }
        return units
    }

    private static func codeUnit(in input: [UInt8], at position: Int, _ isLittleEndian: Bool) -> UInt16 {
        let bytes = [UInt16(input[position]), UInt16(input[position + 1])]
        return isLittleEndian ? bytes[1] << 8 | bytes[0] : bytes[0] << 8 | bytes[1]
    }

    private static func spacedUnits(of input: [UInt8]) -> [Unit] {
        var units: [Unit] = []
        var position = 0
        while position < input.count {
            var gap = 0
            while position + gap < input.count {
                if occurs([0xE2, 0x80, 0xA2], in: input, at: position + gap) {
                    gap += 3
                } else if input[position + gap] < 0x80, !isAlphanumeric(input[position + gap]) {
                    gap += 1
                } else {
                    break
                }
            }
            if gap == 0 {
                units.append(Unit(range: position..<position + 1, bytes: [input[position]]))
                position += 1
            } else {
                units.append(Unit(range: position..<position + gap, bytes: gap <= 64 ? [] : nil))
                position += gap
            }
        }
        return units
    }
}
