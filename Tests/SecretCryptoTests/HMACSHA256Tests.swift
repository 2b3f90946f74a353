import SecretCrypto
import SecretMemory
import Testing

struct HMACSHA256Tests {
    private let pool = SecretPool()

    /// RFC 4231, section 4. Case 5 truncates the code to 16 bytes.
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: String
        let message: String
        let code: String
    }

    static let vectors = [
        Vector(
            testDescription: "case 1",
            key: String(repeating: "0b", count: 20),
            message: Hexadecimal.encode(Array("Hi There".utf8)),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        Vector(
            testDescription: "case 2",
            key: Hexadecimal.encode(Array("Jefe".utf8)),
            message: Hexadecimal.encode(Array("what do ya want for nothing?".utf8)),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        Vector(
            testDescription: "case 3",
            key: String(repeating: "aa", count: 20),
            message: String(repeating: "dd", count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        Vector(
            testDescription: "case 4",
            key: "0102030405060708090a0b0c0d0e0f10111213141516171819",
            message: String(repeating: "cd", count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        Vector(
            testDescription: "case 5",
            key: String(repeating: "0c", count: 20),
            message: Hexadecimal.encode(Array("Test With Truncation".utf8)),
            code: "a3b6167473100ee06e0c796c2955552b"
        ),
        Vector(
            testDescription: "case 6",
            key: String(repeating: "aa", count: 131),
            message: Hexadecimal.encode(Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        Vector(
            testDescription: "case 7",
            key: String(repeating: "aa", count: 131),
            message: Hexadecimal.encode(
                Array(
                    ("This is a test using a larger than block-size key and a larger than block-size data. The key "
                        + "needs to be hashed before being used by the HMAC algorithm.").utf8
                )
            ),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: vectors)
    func publishedVectorsHold(_ vector: Vector) throws {
        let key = SecretBytes(try hex(vector.key), in: pool)
        let message = try hex(vector.message)
        let code = HMACSHA256.authenticate(message, underKeyOfAnyLength: key)
        #expect(code.description.hasPrefix(vector.code))

        let authenticator = MessageAuthenticator(keyOfAnyLength: key)
        for _ in 0..<3 {
            #expect(authenticator.authenticate(message) == code)
        }
        let derived = authenticator.deriveKey(from: message.span.bytes, in: pool)
        #expect(derived.withBytes { Digest(bytes: $0) } == code)
    }

    @Test func emptyKeyIsAKeyOfZeroes() {
        let empty = MessageAuthenticator(keyOfAnyLength: SecretBytes([], in: pool))
        let zeroes = MessageAuthenticator(keyOfAnyLength: SecretBytes([UInt8](repeating: 0, count: 64), in: pool))
        #expect(empty.authenticate([1, 2]) == zeroes.authenticate([1, 2]))
    }

    @Test func authenticatorAgreesWithTheOneTimeFunctionInAnyOrder() {
        let key = SymmetricKey.random(in: pool)
        let authenticator = MessageAuthenticator(key: key)
        for count in [100, 0, 1, 64, 63, 0, 0, 5000, 100, 55, 56] {
            let message = [UInt8](repeating: UInt8(count & 0xFF), count: count)
            let code = HMACSHA256.authenticate(message, under: key)
            #expect(authenticator.authenticate(message) == code)
            #expect(authenticator.isValid(code, for: message))
            #expect(HMACSHA256.isValid(code, for: message, under: key))
        }
    }

    @Test func alteredCodeMessageOrKeyIsNotValid() throws {
        let key = SymmetricKey.random(in: pool)
        let message = [UInt8]("table|id|columns".utf8)
        let code = HMACSHA256.authenticate(message, under: key)
        let authenticator = MessageAuthenticator(key: key)
        for position in 0..<Digest.byteCount {
            for bit in 0..<8 {
                var bytes = code.bytes
                bytes[position] ^= 1 << bit
                let altered = try #require(Digest(bytes: bytes))
                #expect(!authenticator.isValid(altered, for: message))
                #expect(!HMACSHA256.isValid(altered, for: message, under: key))
            }
        }
        #expect(!authenticator.isValid(code, for: (message + [0])))
        #expect(!authenticator.isValid(code, for: []))
        #expect(!HMACSHA256.isValid(code, for: message, under: SymmetricKey.random(in: pool)))
    }

    @Test func threadsShareOneAuthenticator() async {
        let key = SymmetricKey.random(in: pool)
        let authenticator = MessageAuthenticator(key: key)
        let wrong = await withTaskGroup(of: Int.self, returning: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    let message = [UInt8](repeating: UInt8(worker), count: worker * 50)
                    let code = HMACSHA256.authenticate(message, under: key)
                    return (0..<2000).count { _ in authenticator.authenticate(message) != code }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}
