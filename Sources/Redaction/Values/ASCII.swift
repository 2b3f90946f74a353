/// What the rules of redaction ask about single bytes.
///
/// Only ASCII counts. A byte from 0x80 on is neither letter nor digit: in UTF-8 it may belong to a letter as well as to
/// a quotation mark, an arrow or a box, and of the two mistakes the one that redacts a weak value is the better.
extension UInt8 {
    @inline(__always)
    var isDigit: Bool {
        self &- 0x30 < 10
    }

    @inline(__always)
    var isLetter: Bool {
        (self | 0x20) &- 0x61 < 26
    }

    @inline(__always)
    var isAlphanumeric: Bool {
        isDigit || isLetter
    }

    /// Anything that is neither letter nor digit.
    var isSeparator: Bool {
        self < 0x80 && !isAlphanumeric
    }

    /// Space, tab, line feed, vertical tab, form feed, carriage return.
    var isWhitespace: Bool {
        self == 0x20 || self >= 0x09 && self <= 0x0D
    }

    var lowercased: UInt8 {
        self >= 0x41 && self <= 0x5A ? self | 0x20 : self
    }

    var uppercased: UInt8 {
        self >= 0x61 && self <= 0x7A ? self & ~0x20 : self
    }

    /// What the byte stands for as a hexadecimal digit.
    @inline(__always)
    var hexadecimalValue: UInt8? {
        let digit = self &- 0x30
        if digit < 10 { return digit }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
}

extension RawSpan {
    subscript(byte position: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }

    func allSatisfy(_ predicate: (UInt8) -> Bool) -> Bool {
        for position in 0..<byteCount {
            guard predicate(self[byte: position]) else { return false }
        }
        return true
    }

    /// Where the bytes are without the white space at both ends.
    var rangeWithoutWhitespace: Range<Int> {
        var start = 0
        var end = byteCount
        while start < end, self[byte: start].isWhitespace { start += 1 }
        while start < end, self[byte: end - 1].isWhitespace { end -= 1 }
        return start..<end
    }
}
