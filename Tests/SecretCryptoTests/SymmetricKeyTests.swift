import SecretCrypto
import SecretMemory
import Testing

struct SymmetricKeyTests {
    private let pool = SecretPool()

    @Test(arguments: [0, 1, 16, 31, 33, 64])
    func onlyThirtyTwoBytesAreAKey(count: Int) {
        let error = #expect(throws: CryptoError.self) {
            try SymmetricKey([UInt8](repeating: 7, count: count), in: pool)
        }
        #expect(error?.code == .wrongKeySize)
        #expect(error?.description == "the key has \(count) bytes and must have 32")
    }

    @Test func keyLendsItsBytes() throws {
        let bytes = [UInt8](1...32)
        let key = try SymmetricKey(bytes, in: pool)
        #expect(key.withBytes { $0.array } == bytes)
    }

    /// The bytes spell a word, so that they can be found in whatever form they show.
    @Test func keysShowNothingOfThemselves() throws {
        let bytes = Array("Zwiebelkuchen-Zwiebelkuchen-1234".utf8)
        let key = try SymmetricKey(bytes, in: pool)
        let signingKey = try Ed25519.SigningKey(seed: SecretBytes(bytes, in: pool))
        let authenticator = MessageAuthenticator(key: key)
        var shown = ""
        for value in [key, signingKey, authenticator] as [Any] {
            dump(value, to: &shown)
            dump(["nested": Optional(value)], to: &shown)
            print("\(value)", String(reflecting: value), [value], to: &shown)
            #expect(Mirror(reflecting: value).children.isEmpty)
        }
        for form in ["Zwiebel", "5a776965", "90, 119", "- 90", "WndpZWJlb", "secretBytes", "seed", "Pointer", "0x"] {
            #expect(!shown.contains(form), "\(form) shows in: \(shown)")
        }
    }
}
