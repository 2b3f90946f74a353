/// What there is in a window's fresh bytes that makes a closer look worth while: found once for all readers.
struct ReadingSigns {
    /// Where bytes stand that escapes may begin with.
    private(set) var percents: [Int] = []
    private(set) var plusses: [Int] = []
    private(set) var backslashes: [Int] = []
    private(set) var apostrophes: [Int] = []
    private(set) var ampersands: [Int] = []
    private(set) var equals: [Int] = []
    /// Where there may be lists of bytes.
    private(set) var lists: [ReadingRequest] = []
    /// For each encoding, where a form may begin in it.
    private var requests = [[ReadingRequest]](repeating: [], count: StartKind.allCases.count)
    private var scan = SignScan()
    /// How many bytes before a break the form may begin that it interrupts, and not be found by its start.
    private var startReach = 0

    /// Where forms may begin in an encoding, in order.
    func starts(of kind: StartKind) -> [ReadingRequest] {
        requests[kind.rawValue]
    }

    /// Finds the signs in the fresh bytes of `window`.
    mutating func find(in window: InputWindow, for forms: ReadableForms, besides starts: FormStarts) {
        removeAll()
        scan.find(in: window.fresh, shortestList: forms.shortestListCount)
        startReach = starts.stride + StartFilter.gramSize + 1
        findLeads(in: window, for: forms)
        findLists(in: window, for: forms)
        findStarts(in: window, among: starts)
    }

    private mutating func removeAll() {
        percents.removeAll(keepingCapacity: true)
        plusses.removeAll(keepingCapacity: true)
        backslashes.removeAll(keepingCapacity: true)
        apostrophes.removeAll(keepingCapacity: true)
        ampersands.removeAll(keepingCapacity: true)
        equals.removeAll(keepingCapacity: true)
        lists.removeAll(keepingCapacity: true)
        for kind in requests.indices { requests[kind].removeAll(keepingCapacity: true) }
    }

    // MARK: Escapes and line breaks

    private mutating func findLeads(in window: InputWindow, for forms: ReadableForms) {
        let start = window.freshStart
        let last = window.fresh.count - 1
        scan.forEachLead { offset in
            let position = start + offset
            // What follows rules most of them out.
            let next = offset < last ? window.fresh[offset + 1] : nil
            switch window.fresh[offset] {
            case UInt8(ascii: "="):
                let isBreak = next.map { $0 == .lineFeed || $0 == .carriageReturn } ?? true
                if isBreak || isHexadecimal(behind: offset, of: forms, in: window) { equals.append(position) }
            case .lineFeed:
                findBreak(at: position, in: window)
            case UInt8(ascii: "\\"):
                backslashes.append(position)
                findBreak(at: position, in: window)
            case UInt8(ascii: "%"):
                if isHexadecimal(behind: offset, of: forms, in: window) { percents.append(position) }
                findBreak(at: position, in: window)
            case UInt8(ascii: "+"):
                if forms.occurring.contains(0x20) { plusses.append(position) }
            case UInt8(ascii: "'"):
                if next.map({ $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }) ?? true {
                    apostrophes.append(position)
                }
            default:
                if next.map({ $0 == UInt8(ascii: "#") || $0.isLetter }) ?? true { ampersands.append(position) }
            }
        }
        // Half of a line break.
        if window.fresh.last == .carriageReturn { findBreak(at: window.end - 1, in: window) }
    }

    /// Whether two hexadecimal digits for a byte of a form stand behind a fresh byte, or may stand there.
    @inline(__always)
    private func isHexadecimal(behind offset: Int, of forms: ReadableForms, in window: InputWindow) -> Bool {
        guard offset + 2 < window.fresh.count else { return true }
        guard let high = window.fresh[offset + 1].hexadecimalValue else { return false }
        guard let low = window.fresh[offset + 2].hexadecimalValue else { return false }
        return forms.occurring.contains(high << 4 | low)
    }

    /// What may interrupt the beginning of a form in an encoding.
    private mutating func findBreak(at position: Int, in window: InputWindow) {
        let byte = window[position]
        let isLineEnd = byte == .lineFeed && window.byte(before: position) == .carriageReturn
        let isBreak = byte != UInt8(ascii: "%") && LineWrap.follows(isLineEnd ? position - 1 : position, in: window)
        let isDigit = byte != .lineFeed && byte != .carriageReturn && Base64Alphabet.isEscape(at: position, in: window)
        guard isBreak || isDigit else { return }
        let request = ReadingRequest(from: position - startReach, through: position + 1)
        requests[StartKind.base64.rawValue].append(request)
        if isBreak { requests[StartKind.base32.rawValue].append(request) }
    }

    // MARK: Lists

    private mutating func findLists(in window: InputWindow, for forms: ReadableForms) {
        let start = window.freshStart
        // Of a number that began before, nobody knows here which of its digits belong together.
        let isWithinNumber = window.byte(before: start).map { $0.isAlphanumeric || $0 == UInt8(ascii: "-") } ?? false
        scan.forEachListStretch(ofAtLeast: forms.shortestListCount) { stretch in
            let text = UnsafeRawBufferPointer(rebasing: window.fresh[stretch])
            let isCut = stretch.upperBound == window.fresh.count || stretch.lowerBound == 0 && isWithinNumber
            guard isCut || forms.mayBeListed(in: text) else { return }
            lists.append(ReadingRequest(from: start + stretch.lowerBound, through: start + stretch.upperBound))
        }
    }

    // MARK: Starts

    private mutating func findStarts(in window: InputWindow, among starts: FormStarts) {
        let first = window.freshStart
        let tail = ReadingRequest(from: first + starts.undecided, through: window.end)
        for kind in StartKind.allCases where kind != .plain {
            let isSorted = requests[kind.rawValue].isEmpty
            for block in starts.blocks(of: kind) {
                let start = first + Int(block)
                requests[kind.rawValue].append(ReadingRequest(from: start, through: start + starts.stride))
            }
            if !window.fresh.isEmpty { requests[kind.rawValue].append(tail) }
            if !isSorted { requests[kind.rawValue].sort { $0.from < $1.from } }
        }
    }
}
