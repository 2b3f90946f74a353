import Foundation
import SecretCrypto
import SecretMemory
import Testing

struct RSASigningKeyTests {
    private let pool = SecretPool()

    private func key(_ pem: String) throws -> RSASigningKey {
        try RSASigningKey(pem: SecretBytes([UInt8](pem.utf8), in: pool), in: pool)
    }

    /// RFC 7515, A.2: a key, what is signed, and its RS256 signature.
    @Test func thePublishedSignatureHolds() throws {
        let answer = try PythonEnvironment.run(script: "agreement.py", lines: ["rsa-vector"])
        let parts = try #require(answer.first).split(separator: " ").map(String.init)
        let pem = String(decoding: try hex(parts[0]), as: UTF8.self)
        let message =
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let signature =
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ"
            + "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC"
            + "-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        let signed = try key(pem).sign([UInt8](message.utf8).span.bytes, .pkcs1)
        let text = Data(signed).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        #expect(text == signature)
    }

    /// Both forms of keys and both paddings, checked by Python's `cryptography`, which makes the keys.
    @Test func signaturesHoldElsewhere() throws {
        var questions: [String] = []
        for bits in [2048, 3072] {
            let keys = try PythonEnvironment.run(script: "agreement.py", lines: ["rsa-key \(bits)"])
            let pems = try #require(keys.first).split(separator: " ").map(String.init)
            for pem in pems.prefix(2) {
                let key = try key(String(decoding: try hex(pem), as: UTF8.self))
                for padding in RSASigningKey.Padding.allCases {
                    for message in [[], [UInt8]("message".utf8), [UInt8](repeating: 7, count: 5000)] {
                        let signature = try key.sign(message.span.bytes, padding)
                        #expect(signature.count == bits / 8)
                        questions.append(
                            "rsa-verify \(pem) \(padding) \(message.isEmpty ? "-" : Hexadecimal.encode(message)) "
                                + Hexadecimal.encode(signature))
                    }
                }
            }
        }
        let answers = try PythonEnvironment.run(script: "agreement.py", lines: questions)
        #expect(answers == [String](repeating: "valid", count: 24))
    }

    /// Encrypted, on a curve, too short, with one number altered: each is refused, when it is read or when it signs.
    @Test func whatIsNoUsableKeyIsRefused() throws {
        let answer = try PythonEnvironment.run(script: "agreement.py", lines: ["rsa-bad-keys"])
        let pems = try #require(answer.first).split(separator: " ").map(String.init)
        let codes: [CryptoError.Code] = [.malformedInput, .malformedInput, .wrongKeySize, .malformedInput]
        for (pem, code) in zip(pems, codes) {
            let text = String(decoding: try hex(pem), as: UTF8.self)
            #expect { _ = try key(text) } throws: { ($0 as? CryptoError)?.code == code }
        }
        for text in ["", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n%%\n-----END PRIVATE KEY-----"] {
            #expect { _ = try key(text) } throws: { ($0 as? CryptoError)?.code == .malformedInput }
        }
    }

    /// Every cut of the encoding, and every byte of its frame altered: refused or read, but nothing is read beyond its end.
    @Test func cutAndAlteredKeysDoNoHarm() throws {
        let answer = try PythonEnvironment.run(script: "agreement.py", lines: ["rsa-key 2048"])
        let pem = String(decoding: try hex(String(try #require(answer.first).split(separator: " ")[0])), as: UTF8.self)
        let lines = pem.split(separator: "\n")
        let bytes = [UInt8](try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined())))
        func text(_ bytes: [UInt8]) -> String {
            "-----BEGIN PRIVATE KEY-----\n\(Data(bytes).base64EncodedString())\n-----END PRIVATE KEY-----\n"
        }
        #expect(throws: Never.self) { _ = try key(text(bytes)) }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: CryptoError.self) { _ = try key(text(Array(bytes.prefix(count)))) }
        }
        for position in 0..<64 {
            var altered = bytes
            altered[position] ^= 0xFF
            _ = try? key(text(altered)).sign([1, 2, 3].span.bytes, .pss)
        }
    }

    @Test func nothingOfTheKeyIsPrinted() throws {
        let answer = try PythonEnvironment.run(script: "agreement.py", lines: ["rsa-key 2048"])
        let pem = String(decoding: try hex(String(try #require(answer.first).split(separator: " ")[0])), as: UTF8.self)
        let key = try key(pem)
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "RSASigningKey" && String(reflecting: key) == "RSASigningKey")
        #expect(dumped == "- RSASigningKey #0\n" || !dumped.contains("SecretBytes"))
    }
}
