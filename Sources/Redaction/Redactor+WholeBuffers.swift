/// Input that is there as a whole: error texts, exit values, saved outputs.
extension Redactor {
    /// `text` with every occurrence of a known form replaced.
    ///
    /// A value that is not text may begin or end in the middle of a character; what is left of that character becomes
    /// U+FFFD.
    public func redact(_ text: String) -> String {
        var text = text
        let redacted = text.withUTF8 { redact($0.span.bytes) }
        return String(decoding: redacted, as: UTF8.self)
    }

    /// `bytes` with every occurrence of a known form replaced.
    public func redact(_ bytes: [UInt8]) -> [UInt8] {
        redact(bytes.span.bytes)
    }

    /// A copy of `bytes` with every occurrence of a known form replaced.
    public func redact(_ bytes: RawSpan) -> [UInt8] {
        var redacted: [UInt8] = []
        redacted.reserveCapacity(bytes.byteCount)
        var stream = makeStream()
        stream.feed(bytes) { $0.withUnsafeBytes { redacted.append(contentsOf: $0) } }
        stream.finish { $0.withUnsafeBytes { redacted.append(contentsOf: $0) } }
        return redacted
    }

    /// Whether `bytes` hold a known form, for output that cannot be altered, such as an image.
    public func contains(_ bytes: [UInt8]) -> Bool {
        contains(bytes.span.bytes)
    }

    /// Whether `bytes` hold a known form, for output that cannot be altered, such as an image.
    public func contains(_ bytes: RawSpan) -> Bool {
        let sliceSize = 64 * 1024
        let index = index
        return bytes.withUnsafeBytes { bytes in
            var search = StreamSearch()
            var coverage = Coverage()
            var start = 0
            repeat {
                let kept = UnsafeRawBufferPointer(rebasing: bytes[..<start])
                let fresh = UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(sliceSize))
                start += fresh.count
                var window = InputWindow(start: 0, before: nil, kept: kept, fresh: fresh)
                window.isLast = start == bytes.count
                _ = search.scan(window, for: index, into: &coverage)
                if !coverage.isEmpty { return true }
            } while start < bytes.count
            return false
        }
    }
}
