import Foundation
import SecretCrypto
import SecretMemory
import Testing

struct Ed25519Tests {
    private let pool = SecretPool()

    /// RFC 8032, section 7.1. "TEST 1024", with its long message, is the last one of `signaturesOfThePublishedSetHold`.
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let seed: String
        let publicKey: String
        let message: String
        let signature: String
    }

    static let vectors = [
        Vector(
            testDescription: "TEST 1",
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        Vector(
            testDescription: "TEST 2",
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        Vector(
            testDescription: "TEST 3",
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
        Vector(
            testDescription: "TEST SHA(abc)",
            seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            message: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            signature: "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ]

    @Test(arguments: vectors)
    func publishedVectorsHold(_ vector: Vector) throws {
        try check(
            seed: hex(vector.seed),
            publicKey: hex(vector.publicKey),
            message: hex(vector.message),
            signature: hex(vector.signature)
        )
    }

    /// The set that came with the algorithm (sign.input): seed and public key, public key, message, signature and message.
    @Test func signaturesOfThePublishedSetHold() throws {
        let url = try PythonEnvironment.vectorFolder().appendingPathComponent("asymmetric/Ed25519/sign.input")
        var count = 0
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            let fields = try line.split(separator: ":", omittingEmptySubsequences: false).map { try hex(String($0)) }
            try check(
                seed: Array(fields[0].prefix(32)),
                publicKey: fields[1],
                message: fields[2],
                signature: Array(fields[3].prefix(64))
            )
            count += 1
        }
        print("sign.input: \(count) vectors")
        #expect(count == 1024)
    }

    private func check(seed: [UInt8], publicKey: [UInt8], message: [UInt8], signature: [UInt8]) throws {
        let key = try Ed25519.SigningKey(seed: SecretBytes(seed, in: pool))
        #expect(key.publicKey == publicKey)
        #expect(try key.sign(message) == signature)
        let verification = try Ed25519.VerificationKey(bytes: publicKey)
        #expect(verification == key.verificationKey)
        #expect(verification.isValidSignature(signature, for: message))
    }

    @Test func alteredSignatureMessageOrKeyIsNotValid() throws {
        let key = try Ed25519.SigningKey.random(in: pool)
        let message = [UInt8]("checkpoint".utf8)
        let signature = try key.sign(message)
        #expect(key.verificationKey.isValidSignature(signature, for: message))
        for position in signature.indices {
            var altered = signature
            altered[position] ^= 1 << (position % 8)
            #expect(!key.verificationKey.isValidSignature(altered, for: message))
        }
        #expect(!key.verificationKey.isValidSignature(signature, for: (message + [0])))
        #expect(!key.verificationKey.isValidSignature(signature, for: []))
        let other = try Ed25519.SigningKey.random(in: pool).verificationKey
        #expect(!other.isValidSignature(signature, for: message))
    }

    @Test(arguments: [0, 1, 32, 63, 65, 128])
    func signatureOfAnotherLengthIsNotValid(count: Int) throws {
        let key = try Ed25519.SigningKey.random(in: pool)
        let signature = try key.sign([1])
        let other = Array((signature + signature).prefix(count))
        #expect(!key.verificationKey.isValidSignature(other, for: [1]))
    }

    /// RFC 8032, section 5.1.7: S must be below the group's order L, or each signature had others beside it.
    @Test func signatureWithTheOrderAddedIsNotValid() throws {
        let key = try Ed25519.SigningKey.random(in: pool)
        var signature = try key.sign([1])
        let order = try hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        var carry = 0
        for position in 0..<32 {
            let sum = Int(signature[32 + position]) + Int(order[position]) + carry
            signature[32 + position] = UInt8(sum & 0xFF)
            carry = sum >> 8
        }
        #expect(!key.verificationKey.isValidSignature(signature, for: [1]))
    }

    @Test(arguments: [0, 31, 33, 64])
    func keysOfAnotherLengthAreRefused(count: Int) throws {
        let bytes = [UInt8](repeating: 1, count: count)
        let seedError = #expect(throws: CryptoError.self) {
            try Ed25519.SigningKey(seed: SecretBytes(bytes, in: pool))
        }
        #expect(seedError?.code == .wrongKeySize)
        let publicError = #expect(throws: CryptoError.self) { try Ed25519.VerificationKey(bytes: bytes) }
        #expect(publicError?.code == .wrongKeySize)
        let spanError = #expect(throws: CryptoError.self) { try Ed25519.VerificationKey(bytes: bytes.span.bytes) }
        #expect(spanError?.code == .wrongKeySize)
    }

    @Test func bytesThatAreNoPointOfTheCurveVerifyNothing() throws {
        let key = try Ed25519.VerificationKey(bytes: [UInt8](repeating: 2, count: 31) + [0x7F])
        #expect(!key.isValidSignature([UInt8](repeating: 0, count: 64), for: [1]))
    }

    @Test func seedIsAllThereIsToStore() throws {
        let key = try Ed25519.SigningKey.random(in: pool)
        let seed = key.withSeed { SecretBytes(copying: $0, in: pool) }
        let restored = try Ed25519.SigningKey(seed: seed)
        #expect(restored.publicKey == key.publicKey)
        #expect(try restored.sign([7]) == key.sign([7]))
    }

    @Test func randomKeysDiffer() throws {
        let keys = try (0..<50).map { _ in try Ed25519.SigningKey.random(in: pool).publicKey }
        #expect(Set(keys).count == 50)
    }
}
