/// One output stream on its way through a ``Redactor``.
///
/// Bytes go in with ``feed(_:to:)`` as they come; the cuts between them never change what comes out. What may still
/// become an occurrence of a known form is held back, and nothing more; at most the length of the longest form. The
/// sink is handed the text as spans of the input, without a copy, and each `[REDACTED]` as a span of its own; a sink
/// that pays for every call should collect them.
///
/// A stream has one owner. Values may be added to its redactor at any time, from anywhere: a value counts for every
/// byte that is fed after it was added, and for what is held back then.
///
/// If a sink throws, the stream has lost output and must not be used again.
public struct RedactionStream: ~Copyable, Sendable {
    /// What is held back for fewer bytes of a form than this is released when the stream is idle.
    private static let idleLimit = 4
    /// The most that is looked at before the sink is called, which bounds what is noted about occurrences.
    private static let sliceSize = 64 * 1024
    private static let replacement = Array(Redactor.replacement.utf8)

    private let redactor: Redactor
    private var index: SearchIndex
    private var search = StreamSearch()
    /// The number of bytes fed so far.
    private var position = 0
    /// No occurrence that is still to come begins before this position.
    private var holdStart = 0
    /// The last bytes fed, at least those from ``holdStart`` on.
    private var held = HeldInput()
    /// The byte before those.
    private var byteBeforeHeld: UInt8?
    private var coverage = Coverage()
    private var log: OccurrenceLog?

    init(of redactor: Redactor, index: SearchIndex, isReporting: Bool) {
        self.redactor = redactor
        self.index = index
        self.log = isReporting ? OccurrenceLog() : nil
        self.coverage.isRecording = isReporting
    }

    /// What has been redacted so far, as far as no longer occurrence can take the place of one that was found; complete
    /// after ``finish(to:)``. `nil` unless the stream was made to report.
    public var report: RedactionReport? { log?.report }

    /// The number of bytes fed that the sink has not seen yet, neither themselves nor replaced.
    public var heldByteCount: Int {
        position - coverage.released
    }

    /// Hands `sink` the redacted form of `bytes`, and of what was held back before them, as far as it is certain.
    ///
    /// - Throws: What `sink` throws.
    /// - Complexity: Linear in the number of bytes.
    public mutating func feed<E: Error>(_ bytes: RawSpan, to sink: (RawSpan) throws(E) -> Void) throws(E) {
        bringUpToDate()
        var start = 0
        // Once even for no bytes: a value that was added since may have made something certain.
        repeat {
            let end = min(start + Self.sliceSize, bytes.byteCount)
            try bytes.extracting(start..<end).withUnsafeBytes { slice throws(E) in
                try feedSlice(slice, to: sink)
            }
            start = end
        } while start < bytes.byteCount
    }

    /// Releases what is held back for fewer than 4 bytes of a value, because who reads the output may be waiting for it.
    ///
    /// The search goes on behind it: if what was held back is the start of a value and the rest of it follows, that rest
    /// is replaced. So no more than 3 bytes of a value are shown.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether prompts and echo must appear. If not, the start of a value as it is stays held back: only
    ///     what may be the start of one in some encoding, as any letter or number may, is released.
    ///   - sink: Is handed what may be shown.
    /// - Throws: What `sink` throws.
    public mutating func releaseIdle<E: Error>(
        onTerminal isTerminal: Bool = true,
        to sink: (RawSpan) throws(E) -> Void
    ) throws(E) {
        bringUpToDate()
        let window = window(fresh: UnsafeRawBufferPointer(start: nil, count: 0))
        let limit = search.holdStart(
            before: position, for: index, ofAtLeast: Self.idleLimit, plain: isTerminal ? Self.idleLimit : 1)
        try release(upTo: max(limit, holdStart), from: window, to: sink)
    }

    /// Hands `sink` what is left, as nothing follows. Afterwards the stream is as new.
    ///
    /// - Throws: What `sink` throws.
    public mutating func finish<E: Error>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        bringUpToDate()
        var window = window(fresh: UnsafeRawBufferPointer(start: nil, count: 0))
        window.isLast = true
        _ = search.scan(window, for: index, into: &coverage)
        logFound(in: window, limit: position)
        log?.report(before: .max)
        defer { reset() }
        try release(upTo: position, from: window, to: sink)
    }

    // MARK: One step

    private func window(fresh: UnsafeRawBufferPointer) -> InputWindow {
        InputWindow(start: position - held.count, before: byteBeforeHeld, kept: held.bytes, fresh: fresh)
    }

    /// Takes up the values that were added since the last call: what is held back is looked at anew.
    private mutating func bringUpToDate() {
        guard let newer = redactor.index(newerThan: index) else { return }
        index = newer
        coverage.removePendingRanges()
        log?.removePending()
        search.restart(at: holdStart)
        let start = position - held.count
        let kept = UnsafeRawBufferPointer(rebasing: held.bytes[..<(holdStart - start)])
        let again = UnsafeRawBufferPointer(rebasing: held.bytes[(holdStart - start)...])
        let window = InputWindow(start: start, before: byteBeforeHeld, kept: kept, fresh: again)
        holdStart = search.scan(window, for: index, into: &coverage)
    }

    private mutating func feedSlice<E: Error>(
        _ slice: UnsafeRawBufferPointer,
        to sink: (RawSpan) throws(E) -> Void
    ) throws(E) {
        let window = window(fresh: slice)
        holdStart = search.scan(window, for: index, into: &coverage)
        position = window.end
        logFound(in: window, limit: holdStart)
        defer { keep(of: window) }
        try release(upTo: holdStart, from: window, to: sink)
    }

    private mutating func logFound(in window: InputWindow, limit: Int) {
        guard log != nil else { return }
        let found = coverage.found.compactMap { found in
            search.label(of: found, in: index).map { (found.range, $0) }
        }
        log?.note(found, in: window, limit: limit)
        coverage.removeFound()
    }

    private mutating func release<E: Error>(
        upTo limit: Int,
        from window: InputWindow,
        to sink: (RawSpan) throws(E) -> Void
    ) throws(E) {
        while let part = coverage.nextPart(upTo: limit) {
            try handOver(part, from: window, to: sink)
        }
    }

    private func handOver<E: Error>(
        _ part: Coverage.Part,
        from window: InputWindow,
        to sink: (RawSpan) throws(E) -> Void
    ) throws(E) {
        switch part {
        case .replacement:
            try sink(Self.replacement.span.bytes)
        case .text(let range):
            let parts = window.parts(of: range)
            if !parts.kept.isEmpty { try sink(parts.kept.bytes) }
            if !parts.fresh.isEmpty { try sink(parts.fresh.bytes) }
        }
    }

    /// Keeps the window's last bytes, and lets go of those before.
    private mutating func keep(of window: InputWindow) {
        let context = index.readable == nil ? 0 : StreamSearch.contextCount
        let start = max(window.start, min(holdStart, window.end) - context)
        byteBeforeHeld = window.byte(before: start)
        if start >= window.freshStart {
            held.removeAll()
            held.append(UnsafeRawBufferPointer(rebasing: window.fresh[(start - window.freshStart)...]))
        } else {
            held.removeFirst(start - window.start)
            held.append(window.fresh)
        }
    }

    private mutating func reset() {
        search = StreamSearch()
        position = 0
        holdStart = 0
        held.removeAll()
        byteBeforeHeld = nil
        coverage = Coverage()
        coverage.isRecording = log != nil
        log?.restart()
    }
}
