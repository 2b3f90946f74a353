internal import SecretCrypto
internal import SecretMemory

/// A value to be made at random.
public struct GeneratedValue: Sendable, Hashable, CustomStringConvertible {
    /// The characters that a value is made of, each as likely as the others.
    public enum Alphabet: String, Sendable, Hashable, CaseIterable {
        /// Letters and digits.
        case alphanumeric
        /// Digits.
        case digits
        /// Digits and the letters a to f.
        case hexadecimal
        /// Letters, digits, `-` and `_`.
        case urlSafe = "url-safe"
        /// All of ASCII that can be seen, without quotes, `\` and `$`, which shells and configuration files take for
        /// something else.
        case printable

        /// The characters, in ASCII.
        var characters: [UInt8] {
            let digits = Array(UInt8(ascii: "0")...UInt8(ascii: "9"))
            let letters =
                Array(UInt8(ascii: "A")...UInt8(ascii: "Z")) + Array(UInt8(ascii: "a")...UInt8(ascii: "z"))
            switch self {
            case .alphanumeric: return digits + letters
            case .digits: return digits
            case .hexadecimal: return digits + Array(UInt8(ascii: "a")...UInt8(ascii: "f"))
            case .urlSafe: return digits + letters + Array("-_".utf8)
            case .printable: return (0x21...0x7E).filter { !"\"'`\\$".utf8.contains($0) }
            }
        }
    }

    /// The lengths that can be asked for, in characters.
    public static let lengths = 8...4096

    /// The number of characters.
    public var length = 32
    /// What it is made of.
    public var alphabet = Alphabet.alphanumeric

    init() {}

    /// Reads a length; `nil` when it is none that can be asked for.
    init?(length: String, alphabet: Alphabet = .alphanumeric) {
        guard length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(length),
            Self.lengths.contains(number)
        else { return nil }
        self.length = number
        self.alphabet = alphabet
    }

    /// The length, and the alphabet when it is not the usual one.
    public var description: String {
        alphabet == .alphanumeric ? "generate:\(length)" : "generate:\(length) (\(alphabet.rawValue))"
    }

    /// Makes a value.
    func make(with random: any RandomSource, in pool: SecretPool) -> SecretBytes {
        let characters = alphabet.characters
        // Bytes beyond the last whole multiple would make the first characters likelier than the others.
        let limit = 256 - 256 % characters.count
        return SecretBytes(count: length, in: pool) { target in
            var filled = 0
            while filled < length {
                let drawn = SecretBytes(count: length, in: pool) { random.fill($0) }
                drawn.withBytes { bytes in
                    bytes.withUnsafeBytes { bytes in
                        for byte in bytes where filled < length && Int(byte) < limit {
                            target[filled] = characters[Int(byte) % characters.count]
                            filled += 1
                        }
                    }
                }
            }
        }
    }
}
