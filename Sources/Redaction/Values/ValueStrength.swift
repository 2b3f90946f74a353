public import SecretMemory

/// How far a value can be redacted without damage to ordinary text.
///
/// Decided from the value alone, so that a command that stores a value can say what to expect of it.
public enum ValueStrength: Sendable, Hashable, CaseIterable {
    /// Every occurrence is redacted.
    case redacted
    /// The value is an everyday word (case aside) or a number of fewer than 6 digits. It is redacted only where it
    /// stands as a whole word: between the start of the output, the end, or bytes that are not ASCII letters or digits.
    ///
    /// White space around the word does not make it stronger.
    case weak
    /// The value has fewer than 4 bytes, or nothing but white space, and is not redacted.
    case tooShort

    /// Values below this number of bytes are not redacted.
    static let minimumCount = 4
    private static let minimumDigitCount = 6

    /// Classifies a value.
    public init(of value: SecretBytes) {
        self = value.withBytes { ValueStrength(of: $0) }
    }

    /// Classifies the bytes of a value.
    public init(of value: RawSpan) {
        let text = value.extracting(value.rangeWithoutWhitespace)
        if value.byteCount < Self.minimumCount || text.byteCount == 0 {
            self = .tooShort
        } else if CommonWords.contains(text) || Self.isShortNumber(text) {
            self = .weak
        } else {
            self = .redacted
        }
    }

    private static func isShortNumber(_ text: RawSpan) -> Bool {
        text.byteCount < minimumDigitCount && text.allSatisfy { $0.isDigit }
    }
}
