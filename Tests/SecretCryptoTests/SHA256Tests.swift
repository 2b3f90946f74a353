import SecretCrypto
import Testing

struct SHA256Tests {
    /// FIPS 180-4's examples, as published with it by NIST.
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                + "nopqrstu", 1,
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func publishedVectorsHold(text: String, repetitions: Int, digest: String) throws {
        let message = [UInt8](String(repeating: text, count: repetitions).utf8)
        #expect(SHA256.hash(message).description == digest)

        var hasher = SHA256.Hasher()
        for start in stride(from: 0, to: message.count, by: 1 + message.count / 3) {
            hasher.update(Array(message[start..<min(start + 1 + message.count / 3, message.count)]))
        }
        let finished = hasher.finalize()
        #expect(finished.bytes == (try hex(digest)))
    }

    @Test func hasherBeginsAgainAfterEachDigest() {
        var hasher = SHA256.Hasher()
        for count in 0..<200 {
            let message = [UInt8](repeating: UInt8(count), count: count)
            hasher.update(message)
            let digest = hasher.finalize()
            #expect(digest == SHA256.hash(message))
        }
        let empty = hasher.finalize()
        #expect(empty == SHA256.hash([UInt8]()))
    }

    @Test func wayOfCuttingTheMessageDoesNotMatter() {
        let message = [UInt8](0..<200)
        let digest = SHA256.hash(message)
        var hasher = SHA256.Hasher()
        for cut in message.indices {
            hasher.update(Array(message[..<cut]))
            hasher.update([UInt8]())
            hasher.update(Array(message[cut...]))
            let cutDigest = hasher.finalize()
            #expect(cutDigest == digest)
        }
    }

    /// NIST's CAVS sets for byte-oriented implementations.
    @Test(arguments: ["SHA256ShortMsg.rsp", "SHA256LongMsg.rsp"])
    func validationVectorsHold(file: String) throws {
        let vectors = try VectorFile(path: "hashes/SHA2/\(file)")
        var count = 0
        for vector in vectors.records {
            // The files write the empty message as one zero byte.
            let message = try vector.bytes("Msg").prefix(try vector.integer("Len") / 8)
            #expect(SHA256.hash(Array(message)).bytes == (try vector.bytes("MD")))
            count += 1
        }
        print("\(file): \(count) vectors")
        #expect(count >= 64)
    }
}
