import SecretMemory

/// Each line of a value with line breaks (LF or CRLF), for output that prints line by line.
///
/// A line counts from 8 bytes on, and only if at least 4 are left without the white space around them: the
/// `        }` of an indented JSON document is no secret. Nor is the `-----BEGIN PRIVATE KEY-----` of a key.
enum LineForm: DerivedForm {
    static let name = "line"
    static let level = RedactionLevel.literal
    static let search: KnownForm.Search = [.plain, .readings]
    private static let minimumCount = 8

    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes] {
        value.withBytes { bytes in
            var lines: [SecretBytes] = []
            var start = 0
            for position in 0...bytes.byteCount {
                let isEnd = position == bytes.byteCount
                guard isEnd || bytes[byte: position] == .lineFeed else { continue }
                if isEnd && start == 0 { break }
                var end = position
                if !isEnd, end > start, bytes[byte: end - 1] == .carriageReturn { end -= 1 }
                let line = bytes.extracting(start..<end)
                let text = line.rangeWithoutWhitespace
                if line.byteCount >= minimumCount, text.count >= ValueStrength.minimumCount,
                    !PEMStructure.isArmour(line.extracting(text))
                {
                    lines.append(SecretBytes(copying: line, in: pool))
                }
                start = position + 1
            }
            return lines
        }
    }
}
