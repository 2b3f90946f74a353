/// The rules of redaction, written down in the slow and obvious way, without a line of the product's code.
package enum Reference {
    /// The only common words that the tests' random values are made of.
    static let commonWords = ["true", "null"]

    // MARK: Occurrences

    static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= 48 && byte <= 57
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte)
    }

    static func occurs(_ bytes: [UInt8], in input: [UInt8], at start: Int) -> Bool {
        guard start + bytes.count <= input.count else { return false }
        for offset in 0..<bytes.count where input[start + offset] != bytes[offset] { return false }
        return true
    }

    static func isBoundary(before start: Int, in input: [UInt8]) -> Bool {
        start == 0 || !isAlphanumeric(input[start - 1])
    }

    static func isBoundary(behind end: Int, in input: [UInt8]) -> Bool {
        end == input.count || !isAlphanumeric(input[end])
    }

    /// Every occurrence, in the order of the starts. Unless the input is complete, a whole word at its end does not
    /// count yet.
    package static func occurrences(of forms: [Form], in input: [UInt8], isComplete: Bool = true) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for form in forms where form.search == .plain || form.search == .fragments {
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
        found += readOccurrences(of: forms.filter { $0.search == .readings }, in: input)
        found += spacedOccurrences(of: forms.filter { $0.search == .spaced }, in: input)
        return found.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    }

    /// Overlapping ranges made one; adjacent ones left apart.
    package static func merged(_ occurrences: [Range<Int>]) -> [Range<Int>] {
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

    package static let replacement = Array("[REDACTED]".utf8)

    package static func redact(_ input: [UInt8], covering ranges: [Range<Int>]) -> [UInt8] {
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
