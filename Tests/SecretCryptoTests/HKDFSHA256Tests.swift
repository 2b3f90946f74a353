import SecretCrypto
import SecretMemory
import Testing

struct HKDFSHA256Tests {
    private let pool = SecretPool()

    /// RFC 5869, appendix A, the cases with SHA-256.
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let secret: String
        let salt: String
        let info: String
        let derived: String
    }

    /// The two-digit numbers of a range, one after the other.
    private static func count(_ range: ClosedRange<UInt8>) -> String {
        Hexadecimal.encode(Array(range))
    }

    static let vectors = [
        Vector(
            testDescription: "A.1",
            secret: String(repeating: "0b", count: 22),
            salt: count(0x00...0x0C),
            info: count(0xF0...0xF9),
            derived: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        Vector(
            testDescription: "A.2",
            secret: count(0x00...0x4F),
            salt: count(0x60...0xAF),
            info: count(0xB0...0xFF),
            derived: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
        Vector(
            testDescription: "A.3",
            secret: String(repeating: "0b", count: 22),
            salt: "",
            info: "",
            derived: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ]

    @Test(arguments: vectors)
    func publishedVectorsHold(_ vector: Vector) throws {
        let derived = try hex(vector.derived)
        let bytes = try HKDFSHA256.derive(
            from: SecretBytes(hex(vector.secret), in: pool),
            salt: hex(vector.salt),
            info: hex(vector.info),
            count: derived.count,
            in: pool
        )
        #expect(bytes.array == derived)
    }

    @Test func everyInputSetsTheResultApart() throws {
        let key = SymmetricKey.random(in: pool)
        let other = SymmetricKey.random(in: pool)
        let results = try [
            HKDFSHA256.derive(from: key, salt: [], info: "a", count: 32, in: pool),
            HKDFSHA256.derive(from: key, salt: [], info: "b", count: 32, in: pool),
            HKDFSHA256.derive(from: key, salt: [1], info: "a", count: 32, in: pool),
            HKDFSHA256.derive(from: other, salt: [], info: "a", count: 32, in: pool),
        ]
        #expect(Set(results.map(\.array)).count == results.count)
    }

    @Test func infoIsTheSameAsTextAndAsBytes() throws {
        let key = SymmetricKey.random(in: pool)
        let secret = SecretBytes(key.withBytes { $0.array }, in: pool)
        let results = try [
            HKDFSHA256.derive(from: key, salt: [5], info: "hush é", count: 40, in: pool),
            HKDFSHA256.derive(from: key, salt: [5], info: Array("hush é".utf8), count: 40, in: pool),
            HKDFSHA256.derive(from: secret, salt: [5], info: "hush é", count: 40, in: pool),
            HKDFSHA256.derive(from: secret, salt: [5], info: Array("hush é".utf8), count: 40, in: pool),
        ]
        #expect(Set(results.map(\.array)).count == 1)
    }

    @Test func derivesUpToItsMaximum() throws {
        let key = SymmetricKey.random(in: pool)
        let longest = try HKDFSHA256.derive(
            from: key, salt: [], info: "", count: HKDFSHA256.maximumCount, in: pool
        )
        let shortest = try HKDFSHA256.derive(from: key, salt: [], info: "", count: 1, in: pool)
        #expect(longest.count == 8160)
        #expect(shortest.array == Array(longest.array[..<1]))
    }

    @Test(arguments: [-1, 0, HKDFSHA256.maximumCount + 1, Int.max])
    func otherCountsAreRefused(count: Int) throws {
        let error = #expect(throws: CryptoError.self) {
            try HKDFSHA256.derive(from: SymmetricKey.random(in: pool), salt: [], info: "", count: count, in: pool)
        }
        #expect(error?.code == .malformedInput)
    }

    @Test func infoIsLimited() throws {
        let key = SymmetricKey.random(in: pool)
        let info = [UInt8](repeating: 1, count: HKDFSHA256.maximumInfoCount)
        #expect(try HKDFSHA256.derive(from: key, salt: [], info: info, count: 32, in: pool).count == 32)
        let error = #expect(throws: CryptoError.self) {
            try HKDFSHA256.derive(from: key, salt: [], info: info + [1], count: 32, in: pool)
        }
        #expect(error?.code == .malformedInput)
    }

    @Test func emptySecretIsRefused() throws {
        let error = #expect(throws: CryptoError.self) {
            try HKDFSHA256.derive(from: SecretBytes([], in: pool), salt: [1], info: "", count: 32, in: pool)
        }
        #expect(error?.code == .malformedInput)
    }
}
