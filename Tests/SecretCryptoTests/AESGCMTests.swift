import SecretCrypto
import SecretMemory
import Testing

struct AESGCMTests {
    private let pool = SecretPool()

    @Test(arguments: [0, 1, 15, 16, 17, 32, 1000, 128 * 1024])
    func sealedBytesOpenAgain(count: Int) throws {
        let key = SymmetricKey.random(in: pool)
        let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let sealed = try AESGCM.seal(plaintext, under: key, additionalData: plaintext)
        #expect(sealed.count == count + AESGCM.overhead)
        let opened = try AESGCM.open(
            sealed, under: key, additionalData: plaintext, in: pool
        )
        #expect(opened.array == plaintext)
    }

    @Test func everySealingHasANonceOfItsOwn() throws {
        let key = SymmetricKey.random(in: pool)
        let sealed = try (0..<1000).map { _ in
            try AESGCM.seal([1, 2, 3], under: key, additionalData: [])
        }
        #expect(Set(sealed.map { $0.prefix(12) }).count == 1000)
        #expect(Set(sealed.map { $0.dropFirst(12) }).count == 1000)
    }

    /// Every byte of nonce, ciphertext and tag, and every bit of one byte of each.
    @Test func alteredByteAnywhereFailsAuthentication() throws {
        let key = SymmetricKey.random(in: pool)
        let additionalData = [UInt8]("workspace/scope/key".utf8)
        let sealed = try AESGCM.seal(
            [UInt8]("value of some length".utf8), under: key, additionalData: additionalData
        )
        for position in sealed.indices {
            for bit in 0..<8 {
                var altered = sealed
                altered[position] ^= 1 << bit
                #expect(throws: CryptoError.authenticationFailed, "byte \(position), bit \(bit)") {
                    try AESGCM.open(
                        altered, under: key, additionalData: additionalData, in: pool
                    )
                }
            }
        }
        // The original opens, so it was the alteration that failed above.
        _ = try AESGCM.open(sealed, under: key, additionalData: additionalData, in: pool)
    }

    @Test func otherAdditionalDataFailsAuthentication() throws {
        let key = SymmetricKey.random(in: pool)
        let additionalData = [UInt8]("payments/api-key/3".utf8)
        let sealed = try AESGCM.seal([9, 9], under: key, additionalData: additionalData)
        var others: [[UInt8]] = [[], additionalData + [0], additionalData.dropLast(), [0] + additionalData]
        others += additionalData.indices.map { position in
            var other = additionalData
            other[position] ^= 0x20
            return other
        }
        for other in others {
            #expect(throws: CryptoError.authenticationFailed) {
                try AESGCM.open(sealed, under: key, additionalData: other, in: pool)
            }
        }
    }

    @Test func otherKeyFailsAuthentication() throws {
        let sealed = try AESGCM.seal(
            [1], under: SymmetricKey.random(in: pool), additionalData: []
        )
        #expect(throws: CryptoError.authenticationFailed) {
            try AESGCM.open(
                sealed, under: SymmetricKey.random(in: pool), additionalData: [], in: pool
            )
        }
    }

    @Test func truncatedOrExtendedBytesFailAuthentication() throws {
        let key = SymmetricKey.random(in: pool)
        let sealed = try AESGCM.seal([UInt8](0..<40), under: key, additionalData: [])
        var others = sealed.indices.map { Array(sealed[..<$0]) }
        others += (1..<sealed.count).map { Array(sealed[$0...]) }
        others += [sealed + [0], [0] + sealed, sealed + sealed]
        for other in others {
            #expect(throws: CryptoError.authenticationFailed, "\(other.count) bytes") {
                try AESGCM.open(other, under: key, additionalData: [], in: pool)
            }
        }
    }

    @Test func additionalDataCannotMoveIntoTheCiphertext() throws {
        let key = SymmetricKey.random(in: pool)
        let nonce = [UInt8](repeating: 7, count: 12)
        let first = try AESGCM.seal(
            [], under: key, additionalData: [1, 2, 3], nonce: nonce
        )
        let moved = nonce + [1, 2, 3] + first.suffix(16)
        #expect(throws: CryptoError.authenticationFailed) {
            try AESGCM.open(moved, under: key, additionalData: [], in: pool)
        }
    }

    /// NIST SP 800-38D's validation set: what was sealed elsewhere opens, what was altered does not.
    @Test func decryptionVectorsHold() throws {
        let vectors = try VectorFile(path: "ciphers/AES/GCM/gcmDecrypt256.rsp").records
        var opened = 0
        var refused = 0
        for vector in vectors where try vector.integer("IVlen") == 96 && vector.integer("Taglen") == 128 {
            let key = try SymmetricKey(vector.bytes("Key"), in: pool)
            let sealed = try vector.bytes("IV") + vector.bytes("CT") + vector.bytes("Tag")
            let additionalData = try vector.bytes("AAD")
            if vector.marks.contains("FAIL") {
                #expect(throws: CryptoError.authenticationFailed) {
                    try AESGCM.open(
                        sealed, under: key, additionalData: additionalData, in: pool
                    )
                }
                refused += 1
            } else {
                let plaintext = try AESGCM.open(
                    sealed, under: key, additionalData: additionalData, in: pool
                )
                #expect(plaintext.array == (try vector.bytes("PT")))
                opened += 1
            }
        }
        print("gcmDecrypt256.rsp: \(opened) opened, \(refused) refused, of \(vectors.count); others have other lengths")
        #expect(opened + refused == 375)
        #expect(opened > 150)
        #expect(refused > 150)
    }

    /// The set for encryption. A shorter tag is the beginning of the whole one, so all tag lengths count.
    @Test func encryptionVectorsHold() throws {
        let vectors = try VectorFile(path: "ciphers/AES/GCM/gcmEncryptExtIV256.rsp").records
        var count = 0
        for vector in vectors where try vector.integer("IVlen") == 96 {
            let nonce = try vector.bytes("IV")
            let sealed = try AESGCM.seal(
                vector.bytes("PT"),
                under: SymmetricKey(vector.bytes("Key"), in: pool),
                additionalData: vector.bytes("AAD"),
                nonce: nonce
            )
            let expected = try nonce + vector.bytes("CT") + vector.bytes("Tag")
            #expect(Array(sealed.prefix(expected.count)) == expected)
            #expect(sealed.count - expected.count == 16 - (try vector.integer("Taglen")) / 8)
            count += 1
        }
        print("gcmEncryptExtIV256.rsp: \(count) sealed, of \(vectors.count); others have nonces of other lengths")
        #expect(count == 2625)
    }
}
