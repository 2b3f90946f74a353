/// The rules of redaction, written down in the slow and obvious way, without a line of the product's code.
enum Reference {
    struct Form: Equatable {
        var bytes: [UInt8]
        var isWholeWord: Bool
        /// The position in the stream from which on occurrences count.
        var knownFrom = 0
    }

    /// The only common words that the tests' random values are made of.
    static let commonWords = ["true", "null"]

    // MARK: Forms

    static func forms(of value: [UInt8]) -> [Form] {
        let trimmed = trim(value)
        if value.count < 4 || trimmed.isEmpty { return [] }
        if isWeak(trimmed) { return [Form(bytes: value, isWholeWord: true)] }
        let normalized = replace([13, 10], by: [10], in: value)
        let derived =
            lines(of: value).filter { $0.count >= 8 && trim($0).count >= 4 }
            + [normalized, replace([10], by: [13, 10], in: normalized)].filter { $0 != value }
        return [Form(bytes: value, isWholeWord: false)]
            + derived.filter { $0.count >= 4 && !trim($0).isEmpty }.map {
                Form(bytes: $0, isWholeWord: $0.count < 8 || value.count < 8 || isWeak(trim($0)))
            }
    }

    private static func lines(of value: [UInt8]) -> [[UInt8]] {
        var lines = replace([13, 10], by: [10], in: value).split(separator: 10, omittingEmptySubsequences: false)
            .map { Array($0) }
        if lines.count == 1 { lines = [] }
        return lines
    }

    private static func replace(_ old: [UInt8], by new: [UInt8], in text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text[...]
        while let first = rest.first {
            if rest.starts(with: old) {
                result += new
                rest = rest.dropFirst(old.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func trim(_ text: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { [9, 10, 11, 12, 13, 32].contains($0) }
        return Array(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private static func isWeak(_ trimmed: [UInt8]) -> Bool {
        if trimmed.count < 6, trimmed.allSatisfy({ $0 >= 48 && $0 <= 57 }) { return true }
        return commonWords.contains(String(decoding: trimmed, as: UTF8.self).lowercased())
    }

    // MARK: Occurrences

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
    }

    static func occurs(_ bytes: [UInt8], in input: [UInt8], at start: Int) -> Bool {
        guard start + bytes.count <= input.count else { return false }
        for offset in 0..<bytes.count where input[start + offset] != bytes[offset] { return false }
        return true
    }

    static func isBoundary(before start: Int, in input: [UInt8]) -> Bool {
        start == 0 || !isAlphanumeric(input[start - 1])
    }

    /// Every occurrence, in the order of the starts. Unless the input is complete, a whole word at its end does not
    /// count yet.
    static func occurrences(of forms: [Form], in input: [UInt8], isComplete: Bool = true) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for form in forms where form.bytes.count <= input.count {
            for start in form.knownFrom..<max(form.knownFrom, input.count - form.bytes.count + 1)
            where input[start] == form.bytes[0] && occurs(form.bytes, in: input, at: start) {
                let end = start + form.bytes.count
                if form.isWholeWord {
                    guard isBoundary(before: start, in: input) else { continue }
                    guard end < input.count ? !isAlphanumeric(input[end]) : isComplete else { continue }
                }
                found.append(start..<end)
            }
        }
        return found.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    }

    /// Overlapping ranges made one; adjacent ones left apart.
    static func merged(_ occurrences: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in occurrences {
            if let last = merged.last, range.lowerBound < last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    static let replacement = Array("[REDACTED]".utf8)

    static func redact(_ input: [UInt8], covering ranges: [Range<Int>]) -> [UInt8] {
        var output: [UInt8] = []
        var position = 0
        for range in ranges {
            output += input[position..<range.lowerBound]
            output += replacement
            position = range.upperBound
        }
        return output + input[position...]
    }
}
