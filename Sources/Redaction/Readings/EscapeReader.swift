/// A reading of text in which some characters are written as escapes, and the others, or none, as they are.
protocol EscapeReading: Reading {
    /// The most bytes that an escape takes.
    static var longestEscape: Int { get }
    /// Whether what may begin an escape may also stand within one, so that they are told apart only from the start on:
    /// in `\\n` the `n` is one.
    static var isSequential: Bool { get }

    /// Whether an escape may begin with `byte`.
    static func isLead(_ byte: UInt8) -> Bool
    /// Where such bytes stand, in order. If the reading is not sequential, those may be missing that begin no escape, or
    /// one for bytes that no form has.
    static func leads(among signs: ReadingSigns) -> [Int]
    /// The escape that begins at `position`, where a lead stands; ``ReadingUnit/none`` if it begins none.
    static func escape(at position: Int, in window: InputWindow) -> ReadingUnit
}

extension EscapeReading {
    static var isSequential: Bool { false }

    /// The positions in both, in order.
    static func merged(_ first: [Int], _ second: [Int]) -> [Int] {
        if first.isEmpty { return second }
        return second.isEmpty ? first : (first + second).sorted()
    }

    @inline(__always)
    static func unit(at position: Int, in window: InputWindow, follows: Bool) -> ReadingUnit {
        let byte = window[position]
        if isLead(byte) {
            let unit = escape(at: position, in: window)
            if case .none = unit {} else { return unit }
        }
        return .byte(byte, length: 1)
    }
}

/// Reads the surroundings of every escape. What holds no escape is text as it is, which is looked for anyway.
struct EscapeReader<R: EscapeReading>: Reader {
    private var reader = UnitReader<R>()
    /// Of a sequential reading, the last escapes, and the end of the very last.
    private var escapes: [Range<Int>] = []
    private var parsedEnd = 0
    /// Of a sequential reading, where escapes may begin of which not all is there yet.
    private var unparsed: [Int] = []

    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int {
        reader.holdStart(in: tables, ofAtLeast: minimum)
    }

    mutating func scan(_ signs: ReadingSigns, in context: ReadingContext, into coverage: inout Coverage) {
        reader.resume(in: context, into: &coverage)
        let leads = R.leads(among: signs)
        if R.isSequential {
            parse(leads, in: context, into: &coverage)
        } else {
            for position in leads {
                let unit = R.escape(at: position, in: context.window)
                if isPromising(unit, at: position, in: context) { read(around: position, in: context, into: &coverage) }
            }
        }
    }

    mutating func restart(at position: Int) {
        reader.restart(at: position)
        unparsed.removeAll { $0 >= position }
        escapes.removeAll { $0.lowerBound >= position }
        parsedEnd = escapes.last?.upperBound ?? min(parsedEnd, position)
    }

    private mutating func read(around position: Int, in context: ReadingContext, into coverage: inout Coverage) {
        let from = reader.isActive ? position : start(for: position, in: context)
        reader.read(ReadingRequest(from: from, through: position + 1), in: context, into: &coverage)
    }

    /// Where to begin, so that every form is found that begins as it is and has its first escape at `position`.
    private func start(for position: Int, in context: ReadingContext) -> Int {
        let stretchStart = context.stretches.start(ofStretchBefore: position) ?? .max
        let start = max(context.window.start, min(position - context.plainReach, stretchStart))
        // Not within another escape.
        if R.isSequential {
            for escape in escapes.reversed() where escape.lowerBound < start {
                return escape.upperBound > start ? escape.lowerBound : start
            }
            return start
        }
        for begin in max(context.window.start, start + 1 - R.longestEscape)..<max(context.window.start + 1, start) {
            guard R.isLead(context.window[begin]) else { continue }
            switch R.escape(at: begin, in: context.window) {
            case .bytes(_, _, let length), .gap(let length):
                if begin + length > start { return begin }
            case .none, .incomplete:
                break
            }
        }
        return start
    }

    // MARK: Sequential readings

    private mutating func parse(_ leads: [Int], in context: ReadingContext, into coverage: inout Coverage) {
        escapes.removeAll { $0.upperBound <= context.window.start }
        let waiting = unparsed
        unparsed = []
        for position in waiting + leads where position >= parsedEnd {
            guard unparsed.isEmpty else {
                unparsed.append(position)
                continue
            }
            let unit = R.escape(at: position, in: context.window)
            switch unit {
            case .none: continue
            case .incomplete: unparsed.append(position)
            case .bytes(_, _, let length), .gap(let length):
                parsedEnd = position + length
                escapes.append(position..<parsedEnd)
            }
            if isPromising(unit, at: position, in: context) { read(around: position, in: context, into: &coverage) }
        }
    }

    // MARK: Promising escapes

    /// Whether a form may go over the escape at `position`, and over no other before it.
    ///
    /// If it has 7 bytes or more, the escape's first byte and three more before or behind it are four in a row of the
    /// form; if the escape stands for nothing, the four before or behind it are.
    private func isPromising(_ unit: ReadingUnit, at position: Int, in context: ReadingContext) -> Bool {
        var first: UInt8?
        switch unit {
        case .none:
            return false
        case .incomplete:
            return true
        case .gap:
            break
        case .bytes(let bytes, let count, _):
            let isKnown = (0..<count).contains { index in
                context.occurring.contains(UInt8(truncatingIfNeeded: bytes >> UInt32(8 * index)))
            }
            guard isKnown else { return false }
            first = UInt8(truncatingIfNeeded: bytes)
        }
        guard let grams = context.grams else { return true }
        if gram(before: position, and: first, in: context.window).map(grams.contains) ?? true { return true }
        return gram(from: position, in: context.window).map(grams.contains) ?? true
    }

    /// The last bytes before `position` and the one that stands there, four together; `nil` if there are too few.
    private func gram(before position: Int, and last: UInt8?, in window: InputWindow) -> UInt32? {
        let count = last == nil ? 4 : 3
        guard position - window.start >= count else { return nil }
        var gram: UInt32 = 0
        for back in 1...count { gram = gram << 8 | UInt32(window[position - back]) }
        return last.map { gram | UInt32($0) << 24 } ?? gram
    }

    /// The next four bytes, from the escape at `position` on; `nil` if there are too few.
    private func gram(from position: Int, in window: InputWindow) -> UInt32? {
        var gram: UInt64 = 0
        var byteCount = 0
        var position = position
        while byteCount < 4, position < window.end {
            switch R.unit(at: position, in: window, follows: true) {
            case .bytes(let bytes, let count, let length):
                gram |= UInt64(bytes) << UInt64(8 * byteCount)
                byteCount += count
                position += length
            case .gap(let length):
                position += length
            case .none, .incomplete:
                return nil
            }
        }
        return byteCount >= 4 ? UInt32(truncatingIfNeeded: gram) : nil
    }
}
