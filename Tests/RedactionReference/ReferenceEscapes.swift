/// The escapes of the reference: for a position, the length of the escape there and the bytes that it stands for.
extension Reference {
    typealias Escape = @Sendable (_ input: ArraySlice<UInt8>) -> (count: Int, bytes: [UInt8])?

    /// Escapes from the start of the input on, and what is none as it is.
    static func units(of input: [UInt8], _ escape: Escape) -> [Unit] {
        var units: [Unit] = []
        var position = 0
        while position < input.count {
            let (count, bytes) = escape(input[position...]) ?? (1, [input[position]])
            units.append(Unit(range: position..<position + count, bytes: bytes))
            position += count
        }
        return units
    }

    static let percent: Escape = { input in
        starts(input, "%") ? hexByte(input, from: 1) : nil
    }

    static let form: Escape = { input in
        starts(input, "+") ? (1, [32]) : percent(input)
    }

    static let quotedPrintable: Escape = { input in
        if starts(input, "=\n") { return (2, []) }
        if starts(input, "=\r\n") { return (3, []) }
        return starts(input, "=") ? hexByte(input, from: 1) : nil
    }

    static let entity: Escape = { input in
        for (name, text) in ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&apos;": "'"]
        where starts(input, name) {
            return (name.utf8.count, Array(text.utf8))
        }
        guard starts(input, "&#"), let end = input.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let isHex = starts(input, "&#x") || starts(input, "&#X")
        let digits = input[(input.startIndex + (isHex ? 3 : 2))..<max(end, input.startIndex + (isHex ? 3 : 2))]
        guard (1...7).contains(digits.count), digits.allSatisfy({ hexValue($0).map { isHex || $0 < 10 } ?? false })
        else { return nil }
        return character(digits, radix: isHex ? 16 : 10, count: end + 1 - input.startIndex)
    }

    static let backslash: Escape = { backslashEscape($0, xIsCharacter: false) }
    static let characterBackslash: Escape = { backslashEscape($0, xIsCharacter: true) }

    private static func backslashEscape(_ input: ArraySlice<UInt8>, xIsCharacter: Bool) -> (Int, [UInt8])? {
        for quote in ["'\\''", "'\"'\"'"] where starts(input, quote) { return (quote.utf8.count, [39]) }
        guard starts(input, "\\"), input.count >= 2 else { return nil }
        let letters: [String: UInt8] = [
            "n": 10, "r": 13, "t": 9, "b": 8, "f": 12, "v": 11, "a": 7, "e": 27,
        ]
        let kind = input[input.startIndex + 1]
        if let byte = letters[String(decoding: [kind], as: UTF8.self)] { return (2, [byte]) }
        if kind == 10 { return (2, []) }
        if starts(input, "\\x") {
            guard let (count, bytes) = hexByte(input, from: 2) else { return nil }
            return xIsCharacter ? (count, Array(String(Unicode.Scalar(bytes[0])).utf8)) : (count, bytes)
        }
        if starts(input, "\\u{") {
            let digits = input.dropFirst(3).prefix { hexValue($0) != nil }
            guard (1...8).contains(digits.count), starts(input.dropFirst(3 + digits.count), "}") else { return nil }
            return character(digits, radix: 16, count: digits.count + 4)
        }
        if starts(input, "\\u") {
            if let single = fixed(input, from: 2, digits: 4) { return single }
            guard let high = number(input, from: 2, digits: 4), starts(input.dropFirst(6), "\\u") else { return nil }
            guard let low = number(input, from: 8, digits: 4) else { return nil }
            let text = String(decoding: [UInt16(high), UInt16(low)], as: UTF16.self)
            return text.unicodeScalars.count == 1 ? (12, Array(text.utf8)) : nil
        }
        if starts(input, "\\U") { return fixed(input, from: 2, digits: 8) }
        let octal = input.dropFirst().prefix(3).prefix { $0 >= 48 && $0 <= 55 }
        if !octal.isEmpty {
            let value = octal.reduce(0) { 8 * $0 + Int($1 - 48) }
            return value < 256 ? (octal.count + 1, [UInt8(value)]) : nil
        }
        return kind >= 0x80 || isAlphanumeric(kind) ? nil : (2, [kind])
    }

    private static func starts(_ input: ArraySlice<UInt8>, _ text: String) -> Bool {
        input.starts(with: text.utf8)
    }

    private static func hexByte(_ input: ArraySlice<UInt8>, from start: Int) -> (count: Int, bytes: [UInt8])? {
        number(input, from: start, digits: 2).map { (start + 2, [UInt8($0)]) }
    }

    private static func fixed(_ input: ArraySlice<UInt8>, from start: Int, digits: Int) -> (Int, [UInt8])? {
        guard number(input, from: start, digits: digits) != nil else { return nil }
        return character(input.dropFirst(start).prefix(digits), radix: 16, count: start + digits)
    }

    private static func number(_ input: ArraySlice<UInt8>, from start: Int, digits: Int) -> Int? {
        let text = input.dropFirst(start).prefix(digits)
        guard text.count == digits, text.allSatisfy({ hexValue($0) != nil }) else { return nil }
        return Int(String(decoding: text, as: UTF8.self), radix: 16)
    }

    private static func character(_ digits: ArraySlice<UInt8>, radix: Int, count: Int) -> (Int, [UInt8])? {
        let value = UInt32(String(decoding: digits, as: UTF8.self), radix: radix)
        return value.flatMap { Unicode.Scalar($0) }.map { (count, Array(String($0).utf8)) }
    }
}
