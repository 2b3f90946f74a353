/// Base32, with or without line breaks.
enum Base32Alphabet: RadixAlphabet {
    static let bitsPerDigit = 5
    static let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8.map { ($0, $0) }
    static let values = makeValues()

    static func other(at position: Int, in window: InputWindow) -> RadixElement {
        LineWrap.element(at: position, in: window)
    }
}
