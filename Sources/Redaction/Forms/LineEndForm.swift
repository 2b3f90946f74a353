import SecretMemory

/// A value with line breaks as it comes through a terminal or a program of another system: with every line end as LF,
/// and with every one as CRLF.
enum LineEndForm: DerivedForm {
    static let name = "line ends"
    static let level = RedactionLevel.literal
    static let search: KnownForm.Search = [.plain, .readings]

    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes] {
        value.withBytes { bytes in
            var lineFeeds = 0
            var carriageReturns = 0
            for position in 0..<bytes.byteCount where bytes[byte: position] == .lineFeed {
                lineFeeds += 1
                if endsCRLF(bytes, at: position) { carriageReturns += 1 }
            }
            var forms: [SecretBytes] = []
            if carriageReturns > 0 {
                forms.append(convert(bytes, to: bytes.byteCount - carriageReturns, addingReturns: false, in: pool))
            }
            if carriageReturns < lineFeeds {
                let count = bytes.byteCount + lineFeeds - carriageReturns
                forms.append(convert(bytes, to: count, addingReturns: true, in: pool))
            }
            return forms
        }
    }

    private static func convert(
        _ bytes: RawSpan,
        to count: Int,
        addingReturns: Bool,
        in pool: SecretPool
    ) -> SecretBytes {
        SecretBytes(count: count, in: pool) { target in
            var end = 0
            for position in 0..<bytes.byteCount {
                let byte = bytes[byte: position]
                if byte == .lineFeed {
                    let hasReturn = endsCRLF(bytes, at: position)
                    if hasReturn && !addingReturns { end -= 1 }
                    if !hasReturn && addingReturns {
                        target[end] = .carriageReturn
                        end += 1
                    }
                }
                target[end] = byte
                end += 1
            }
        }
    }

    private static func endsCRLF(_ bytes: RawSpan, at position: Int) -> Bool {
        position > 0 && bytes[byte: position - 1] == .carriageReturn
    }
}
