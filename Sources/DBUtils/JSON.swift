/// A JSON value whose strings stay in the text that it was parsed from, so that a value is never copied by parsing.
indirect enum JSON {
    case object([Member])
    case array([JSON])
    case string(Text)
    case number(Range<Int>)
    case boolean(Bool)
    case null

    /// One name and value of an object.
    struct Member {
        var name: String
        var value: JSON
    }

    /// A string: where it stands between its quotes.
    struct Text {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    /// The value of the member `name` of an object; the last one when a name comes twice.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The elements, when this is an array.
    var elements: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The string's characters in UTF-8, when this is a string, with `source` the text that was parsed.
    func text(in source: UnsafeRawBufferPointer) -> WipedBytes? {
        guard case .string(let text) = self else { return nil }
        return text.decoded(from: source)
    }

    /// The string, when this is one, for texts that are no secret.
    func string(in source: UnsafeRawBufferPointer) -> String? {
        guard let text = text(in: source) else { return nil }
        return String(decoding: text.bytes, as: UTF8.self)
    }
}

extension JSON.Text {
    /// The characters with the escapes resolved. The parser has checked every escape.
    func decoded(from source: UnsafeRawBufferPointer) -> WipedBytes {
        var decoded = WipedBytes(capacity: range.count)
        guard hasEscapes else {
            decoded.append(UnsafeRawBufferPointer(rebasing: source[range]))
            return decoded
        }
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = source[position]
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                decoded.append(byte)
                continue
            }
            let escape = source[position]
            position += 1
            guard escape == UInt8(ascii: "u") else {
                decoded.append(Self.character(of: escape))
                continue
            }
            var unit = Self.codeUnit(at: &position, in: source)
            if unit & 0xFC00 == 0xD800 {
                position += 2
                let low = Self.codeUnit(at: &position, in: source)
                unit = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF)
            }
            if let scalar = Unicode.Scalar(unit) {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    decoded.append(byte)
                }
            }
        }
        return decoded
    }

    private static func character(of escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }

    private static func codeUnit(at position: inout Int, in source: UnsafeRawBufferPointer) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            unit = unit << 4 | UInt32(JSONParser.hexadecimalValue(of: source[position]) ?? 0)
            position += 1
        }
        return unit
    }
}
