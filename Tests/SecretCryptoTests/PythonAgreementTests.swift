import Foundation
import RepeatableRandomness
import SecretCrypto
import SecretMemory
import Testing

/// Random inputs, computed here and by Python's `cryptography`.
///
/// The seed is printed and part of every failure; `TEST_SEED` in the environment repeats a run.
struct PythonAgreementTests {
    private let pool = SecretPool()
    private let seed: UInt64
    private var generator: SeededGenerator

    init() {
        let given = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) }
        seed = given ?? UInt64.random(in: .min ... .max)
        generator = SeededGenerator(seed: seed)
    }

    /// An operation for the script, and what it must answer.
    private struct Question {
        let line: String
        let answer: String

        init(_ name: String, _ arguments: [String], answer: String) {
            line = ([name] + arguments).joined(separator: " ")
            self.answer = answer
        }
    }

    private func text(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "-" : Hexadecimal.encode(bytes)
    }

    private func compare(_ questions: [Question], function: String = #function) throws {
        print("\(function): seed \(seed), \(questions.count) comparisons")
        let answers = try PythonEnvironment.run(script: "agreement.py", lines: questions.map(\.line))
        try #require(answers.count == questions.count, "seed \(seed)")
        for (question, answer) in zip(questions, answers) {
            #expect(answer == question.answer, "seed \(seed): \(question.line)")
        }
    }

    @Test mutating func whatIsSealedHereOpensThere() throws {
        var questions: [Question] = []
        for round in 0..<300 {
            let key = generator.bytes(32)
            let plaintext = generator.bytes(upTo: 2000)
            let additionalData = generator.bytes(upTo: 200)
            var sealed = try AESGCM.seal(
                plaintext,
                under: SymmetricKey(key, in: pool),
                additionalData: additionalData
            )
            let isAltered = round % 5 == 0
            if isAltered { sealed[Int.random(in: sealed.indices, using: &generator)] ^= 0x40 }
            questions.append(
                Question(
                    "open",
                    [text(key), text(additionalData), text(sealed)],
                    answer: isAltered ? "refused" : text(plaintext)
                )
            )
        }
        try compare(questions)
    }

    @Test mutating func whatIsSealedThereOpensHere() throws {
        let cases = (0..<300).map { _ in
            (
                key: generator.bytes(32), nonce: generator.bytes(12), additionalData: generator.bytes(upTo: 200),
                plaintext: generator.bytes(upTo: 2000)
            )
        }
        let lines = cases.map { one in
            (["seal"] + [one.key, one.nonce, one.additionalData, one.plaintext].map(text)).joined(separator: " ")
        }
        print("\(#function): seed \(seed), \(cases.count) comparisons")
        let answers = try PythonEnvironment.run(script: "agreement.py", lines: lines)
        try #require(answers.count == cases.count, "seed \(seed)")
        for (one, answer) in zip(cases, answers) {
            let sealed = try hex(answer)
            let key = try SymmetricKey(one.key, in: pool)
            let opened = try AESGCM.open(
                sealed, under: key, additionalData: one.additionalData, in: pool
            )
            #expect(opened.array == one.plaintext, "seed \(seed)")
        }
    }

    @Test mutating func hashesAgree() throws {
        try compare(
            (0..<300).map { _ in
                let message = generator.bytes(upTo: 3000)
                return Question("sha256", [text(message)], answer: "\(SHA256.hash(message))")
            }
        )
    }

    @Test mutating func authenticationCodesAgree() throws {
        try compare(
            (0..<300).map { _ in
                let key = generator.bytes(upTo: 150)
                let message = generator.bytes(upTo: 3000)
                let code = HMACSHA256.authenticate(
                    message, underKeyOfAnyLength: SecretBytes(key, in: pool)
                )
                return Question("hmac", [text(key), text(message)], answer: "\(code)")
            }
        )
    }

    @Test mutating func keyDerivationsAgree() throws {
        var questions: [Question] = []
        for _ in 0..<300 {
            let secret = generator.bytes(1) + generator.bytes(upTo: 100)
            let salt = generator.bytes(upTo: 100)
            let info = generator.bytes(upTo: 500)
            let count = Int.random(in: 1...500, using: &generator)
            let derived = try HKDFSHA256.derive(
                from: SecretBytes(secret, in: pool), salt: salt, info: info, count: count, in: pool
            )
            questions.append(
                Question("hkdf", [text(secret), text(salt), text(info), "\(count)"], answer: text(derived.array))
            )
        }
        try compare(questions)
    }

    @Test mutating func passwordDerivationsAgree() throws {
        var questions: [Question] = []
        for _ in 0..<40 {
            let password = generator.bytes(upTo: 100)
            let salt = generator.bytes(upTo: 40)
            let parameters = Scrypt.Parameters(
                logCost: .random(in: 1...10, using: &generator),
                blockSize: .random(in: 1...10, using: &generator),
                parallelism: .random(in: 1...4, using: &generator)
            )
            let count = Int.random(in: 1...100, using: &generator)
            let derived = try Scrypt.derive(
                password: SecretBytes(password, in: pool), salt: salt, parameters: parameters, count: count, in: pool
            )
            let numbers = [parameters.logCost, parameters.blockSize, parameters.parallelism, count].map { "\($0)" }
            questions.append(
                Question("scrypt", [text(password), text(salt)] + numbers, answer: text(derived.array))
            )
        }
        try compare(questions)
    }

    @Test mutating func signaturesAgree() throws {
        var questions: [Question] = []
        for _ in 0..<100 {
            let seed = generator.bytes(32)
            let message = generator.bytes(upTo: 1000)
            let key = try Ed25519.SigningKey(seed: SecretBytes(seed, in: pool))
            var signature = try key.sign(message)
            questions.append(
                Question(
                    "sign", [text(seed), text(message)], answer: "\(text(key.publicKey)) \(text(signature))"
                )
            )
            let isAltered = Bool.random(using: &generator)
            if isAltered { signature[Int.random(in: signature.indices, using: &generator)] ^= 1 }
            let isValid = key.verificationKey.isValidSignature(signature, for: message)
            #expect(isValid != isAltered, "seed \(self.seed)")
            questions.append(
                Question(
                    "verify",
                    [text(key.publicKey), text(message), text(signature)],
                    answer: isValid ? "valid" : "invalid"
                )
            )
        }
        try compare(questions)
    }
}
