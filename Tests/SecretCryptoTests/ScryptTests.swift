import SecretCrypto
import SecretMemory
import Testing

struct ScryptTests {
    private let pool = SecretPool()

    /// RFC 7914, section 12. The last one takes 1 GiB, the most that is allowed.
    struct Vector: Sendable, CustomTestStringConvertible {
        let password: String
        let salt: String
        let parameters: Scrypt.Parameters
        let derived: String

        var testDescription: String {
            "N = 2^\(parameters.logCost), r = \(parameters.blockSize), p = \(parameters.parallelism)"
        }
    }

    static let vectors = [
        Vector(
            password: "",
            salt: "",
            parameters: Scrypt.Parameters(logCost: 4, blockSize: 1, parallelism: 1),
            derived: "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        ),
        Vector(
            password: "password",
            salt: "NaCl",
            parameters: Scrypt.Parameters(logCost: 10, blockSize: 8, parallelism: 16),
            derived: "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        Vector(
            password: "pleaseletmein",
            salt: "SodiumChloride",
            parameters: Scrypt.Parameters(logCost: 14, blockSize: 8, parallelism: 1),
            derived: "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
        Vector(
            password: "pleaseletmein",
            salt: "SodiumChloride",
            parameters: Scrypt.Parameters(logCost: 20, blockSize: 8, parallelism: 1),
            derived: "2101cb9b6a511aaeaddbbe09cf70f881ec568d574a2ffd4dabe5ee9820adaa47"
                + "8e56fd8f4ba5d09ffa1c6d927c40f4c337304049e8a952fbcbf45c6fa77a41a4"
        ),
    ]

    @Test(arguments: vectors)
    func publishedVectorsHold(_ vector: Vector) throws {
        let derived = try Scrypt.derive(
            password: SecretBytes(Array(vector.password.utf8), in: pool),
            salt: Array(vector.salt.utf8),
            parameters: vector.parameters,
            count: 64,
            in: pool
        )
        #expect(derived.array == (try hex(vector.derived)))
    }

    @Test func interactiveParametersAreAccepted() throws {
        let derived = try Scrypt.derive(
            password: SecretBytes([1], in: pool), salt: [2], parameters: .interactive, count: 32, in: pool
        )
        #expect(derived.count == 32)
    }

    /// Each would take gigabytes or hours, so the test itself shows that nothing was begun.
    @Test(arguments: [
        Scrypt.Parameters(logCost: 0, blockSize: 8, parallelism: 1),
        Scrypt.Parameters(logCost: -1, blockSize: 8, parallelism: 1),
        Scrypt.Parameters(logCost: 15, blockSize: 0, parallelism: 1),
        Scrypt.Parameters(logCost: 15, blockSize: -8, parallelism: 1),
        Scrypt.Parameters(logCost: 15, blockSize: 8, parallelism: 0),
        Scrypt.Parameters(logCost: 15, blockSize: 8, parallelism: -1),
        Scrypt.Parameters(logCost: 16, blockSize: 1, parallelism: 1),
        Scrypt.Parameters(logCost: 21, blockSize: 8, parallelism: 1),
        Scrypt.Parameters(logCost: 20, blockSize: 9, parallelism: 1),
        Scrypt.Parameters(logCost: 30, blockSize: 1024, parallelism: 1024),
        Scrypt.Parameters(logCost: 31, blockSize: 8, parallelism: 1),
        Scrypt.Parameters(logCost: 63, blockSize: 8, parallelism: 1),
        Scrypt.Parameters(logCost: .max, blockSize: .max, parallelism: .max),
        Scrypt.Parameters(logCost: .min, blockSize: .min, parallelism: .min),
        Scrypt.Parameters(logCost: 15, blockSize: .max, parallelism: 1),
        Scrypt.Parameters(logCost: 15, blockSize: 8, parallelism: .max),
        Scrypt.Parameters(logCost: 1, blockSize: 1024, parallelism: 1024 + 1),
        Scrypt.Parameters(logCost: 15, blockSize: 8, parallelism: 65),
        Scrypt.Parameters(logCost: 19, blockSize: 8, parallelism: 5),
    ])
    func absurdParametersAreRefused(parameters: Scrypt.Parameters) throws {
        let error = #expect(throws: CryptoError.self) {
            try Scrypt.derive(
                password: SecretBytes([1], in: pool), salt: [2], parameters: parameters, count: 32, in: pool
            )
        }
        #expect(error?.code == .refusedParameters)
    }

    @Test(arguments: [-1, 0, Scrypt.maximumCount + 1, Int.max])
    func otherCountsAreRefused(count: Int) throws {
        let error = #expect(throws: CryptoError.self) {
            try Scrypt.derive(
                password: SecretBytes([1], in: pool), salt: [2], parameters: .interactive, count: count, in: pool
            )
        }
        #expect(error?.code == .malformedInput)
    }
}
