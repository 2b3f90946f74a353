/// UTF-16 text, whose low bytes come first or last.
protocol UTF16Reading: Reading {
    /// Which of the two bytes of a unit is the high one.
    static var highByte: Int { get }
}

enum LittleEndianUTF16Reading: UTF16Reading {
    static let highByte = 1
}

enum BigEndianUTF16Reading: UTF16Reading {
    static let highByte = 0
}

extension UTF16Reading {
    static func unit(at position: Int, in window: InputWindow, follows: Bool) -> ReadingUnit {
        guard let first = codeUnit(at: position, in: window) else { return window.isLast ? .none : .incomplete }
        guard first & 0xFC00 == 0xD800 else { return .character(first, length: 2) }
        guard let second = codeUnit(at: position + 2, in: window) else { return window.isLast ? .none : .incomplete }
        guard second & 0xFC00 == 0xDC00 else { return .none }
        return .character(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF, length: 4)
    }

    static func skippedCount(at position: Int, in window: InputWindow) -> Int { 2 }

    static func mayBegin(at position: Int, in context: ReadingContext) -> Bool {
        guard position + 1 == context.window.end else { return true }
        // One byte of a character. Of those of ASCII the high one is 0.
        let byte = context.window[position]
        let starts = context.tables.starts
        if highByte == 0 ? byte == 0 : byte < 0x80 && starts[Int(byte)] != 0 { return true }
        return starts[0x80...].contains { $0 != 0 }
    }

    private static func codeUnit(at position: Int, in window: InputWindow) -> UInt32? {
        guard position + 2 <= window.end else { return nil }
        return UInt32(window[position + highByte]) << 8 | UInt32(window[position + 1 - highByte])
    }

    /// Marks how `form` begins. Bytes that are not UTF-8 have no such form.
    static func mark(_ form: RawSpan, in marker: inout StartMarker) {
        guard form.isValidUTF8 else { return }
        var position = 0
        while let scalar = form.scalar(at: position) {
            for unit in UTF16.encode(scalar.value) ?? UTF16.encodedReplacementCharacter {
                marker.append(UInt8(truncatingIfNeeded: highByte == 0 ? unit >> 8 : unit))
                marker.append(UInt8(truncatingIfNeeded: highByte == 0 ? unit : unit >> 8))
            }
            position += scalar.byteCount
        }
        marker.finishStart()
    }
}

/// Reads UTF-16 of one byte order, from even and from odd positions.
struct UTF16Reader<R: UTF16Reading>: Reader {
    private let kind: StartKind
    private var even = UnitReader<R>(alignment: 2, phase: 0)
    private var odd = UnitReader<R>(alignment: 2, phase: 1)

    init(kind: StartKind) {
        self.kind = kind
    }

    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int {
        min(even.holdStart(in: tables, ofAtLeast: minimum), odd.holdStart(in: tables, ofAtLeast: minimum))
    }

    mutating func scan(_ signs: ReadingSigns, in context: ReadingContext, into coverage: inout Coverage) {
        even.resume(in: context, into: &coverage)
        odd.resume(in: context, into: &coverage)
        for request in signs.starts(of: kind) {
            even.read(request, in: context, into: &coverage)
            odd.read(request, in: context, into: &coverage)
        }
    }

    mutating func restart(at position: Int) {
        even.restart(at: position)
        odd.restart(at: position)
    }
}
