/// How far the search for all known forms has come in one stream.
struct StreamSearch: Sendable {
    /// The bytes before what is held back that a search may look at once more.
    static let contextCount = 64

    /// Where the automaton of plain forms stands. Its depth is the number of bytes that may be the start of one.
    private var node: UInt32 = 0
    private var place = FragmentTables.Place()
    private var readings: ReadingScanner?
    private var spaced = UnitReader<SpacedReading>()
    private var starts = FormStarts()
    private var stretches = PlainStretches()

    /// Looks at the window's fresh bytes and records the occurrences that are certain.
    ///
    /// - Returns: No occurrence that is still to come begins before this position.
    mutating func scan(_ window: InputWindow, for index: SearchIndex, into coverage: inout Coverage) -> Int {
        stretches.isRecording = index.readable != nil
        index.starts.find(in: window.fresh, into: &starts)
        var holdStart = scanPlain(window, for: index.plain, into: &coverage)
        if let forms = index.readable {
            var readings = self.readings.take() ?? ReadingScanner(from: window.freshStart)
            let readingsStart = readings.scan(
                window, for: forms, from: starts, reach: index.starts.reach, besides: stretches, into: &coverage)
            holdStart = min(holdStart, readingsStart)
            self.readings = readings
        }
        if let forms = index.spaced {
            holdStart = min(holdStart, scanSpaced(window, for: forms, into: &coverage))
        }
        if let forms = index.fragments {
            place = forms.withTables { $0.scan(window, from: place, into: &coverage) }
            holdStart = min(holdStart, window.end - Int(place.length))
        }
        return holdStart
    }

    /// No occurrence that is still to come begins before this position, but for those of which fewer than `minimum` bytes
    /// of a form are there.
    ///
    /// - Parameters:
    ///   - end: The end of the last window.
    ///   - plainMinimum: The same for forms that are looked for in the input as it is.
    mutating func holdStart(
        before end: Int,
        for index: SearchIndex,
        ofAtLeast minimum: Int,
        plain plainMinimum: Int
    ) -> Int {
        let depth = index.plain.withTables { $0.depth(of: node) }
        var holdStart = depth >= plainMinimum ? end - depth : end
        if let forms = index.readable {
            holdStart = min(holdStart, readings?.holdStart(for: forms, ofAtLeast: minimum) ?? end)
        }
        if let forms = index.spaced {
            holdStart = min(holdStart, forms.withTables { spaced.holdStart(in: $0, ofAtLeast: minimum) })
        }
        if place.length >= minimum { holdStart = min(holdStart, end - Int(place.length)) }
        return holdStart
    }

    /// Forgets what has been seen; what begins before `position` counts no longer.
    mutating func restart(at position: Int) {
        node = 0
        place = FragmentTables.Place()
        readings?.restart(at: position)
        spaced.restart(at: position)
    }

    /// What reports call an occurrence.
    func label(of occurrence: Occurrence, in index: SearchIndex) -> FormLabel? {
        switch occurrence.finder {
        case .plain:
            index.plain.form(endingAt: occurrence.node)?.label
        case .reading(let name):
            index.readable?.automaton.form(endingAt: occurrence.node)?.label.with(name.rawValue)
        case .spaced:
            index.spaced?.form(endingAt: occurrence.node)?.label
        case .fragments:
            index.fragments?.label(of: occurrence.node)
        }
    }

    private mutating func scanPlain(_ window: InputWindow, for forms: Automaton, into coverage: inout Coverage) -> Int {
        forms.withTables { tables in
            let last = starts.blocks(of: .plain).withUnsafeBufferPointer { blocks in
                let starts = PlainStarts(blocks, stride: starts.stride, undecided: starts.undecided)
                return tables.scan(window, from: node, among: starts, into: &coverage, noting: &stretches)
            }
            if window.isLast { tables.coverWord(endingAt: window.end, at: last, in: window, into: &coverage) }
            node = tables.settle(last, in: window)
            return window.end - tables.depth(of: node)
        }
    }

    private mutating func scanSpaced(_ window: InputWindow, for forms: Automaton, into coverage: inout Coverage) -> Int
    {
        forms.withTables { tables in
            let context = ReadingContext(
                window: window, tables: tables, occurring: ByteSet(), grams: nil, plainReach: 0, stretches: stretches,
                finder: .spaced
            )
            spaced.resume(in: context, into: &coverage)
            let request = ReadingRequest(from: window.freshStart, through: window.end)
            spaced.read(request, in: context, into: &coverage)
            return spaced.holdStart(in: tables, ofAtLeast: 0)
        }
    }
}
