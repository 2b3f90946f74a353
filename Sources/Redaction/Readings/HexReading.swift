/// Hexadecimal digits in a row, of either case.
enum HexAlphabet: RadixAlphabet {
    static let bitsPerDigit = 4
    static let digits = zip("0123456789abcdef".utf8, "0123456789ABCDEF".utf8).map { ($0, $1) }
    static let values = makeValues()
}
