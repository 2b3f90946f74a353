import Foundation
import SecretCrypto
import SecretMemory
import Testing

struct CryptoErrorTests {
    @Test func errorsAreEqualWhenTheirCodesAre() throws {
        let pool = SecretPool()
        let short = #expect(throws: CryptoError.self) { try SymmetricKey([1], in: pool) }
        let long = #expect(throws: CryptoError.self) { try SymmetricKey([UInt8](repeating: 1, count: 64), in: pool) }
        #expect(short == long)
        #expect(short?.description != long?.description)
        #expect(short != .authenticationFailed)
        #expect(Set([short, long, .authenticationFailed]).count == 2)
    }

    @Test func textNeverShowsTheInput() throws {
        let pool = SecretPool()
        let key = SymmetricKey.random(in: pool)
        let sealed = Array("Zwiebelkuchen-Zwiebelkuchen-Zwiebelkuchen".utf8)
        let error = #expect(throws: CryptoError.self) {
            try AESGCM.open(sealed, under: key, additionalData: sealed, in: pool)
        }
        var shown = ""
        dump(error, to: &shown)
        shown += "\(error as Any) \(String(reflecting: error))"
        #expect(shown.contains("authentication failed"))
        #expect(!shown.contains("Zwiebel"))
        #expect(!shown.contains(key.withBytes { Hexadecimal.encode($0) }))
    }

    /// An OpenSSL whose configuration offers no algorithm: what can throw says so, and why.
    @Test func missingAlgorithmsAreNamedByWhatThrows() async throws {
        let configuration = try ConfigurationWithoutAlgorithms()
        defer { configuration.remove() }
        await #expect(processExitsWith: .success) {
            [path = configuration.path as String] in
            let pool = SecretPool()
            setenv("OPENSSL_CONF", path, 1)
            // Keys that need no random bytes, of which there are none now.
            let key = try SymmetricKey([UInt8](repeating: 1, count: 32), in: pool)
            let secret = SecretBytes([1, 2, 3], in: pool)
            let sealed = [UInt8](repeating: 0, count: 40)
            let errors = [
                #expect(throws: CryptoError.self) {
                    try AESGCM.seal([], under: key, additionalData: [])
                },
                #expect(throws: CryptoError.self) {
                    try AESGCM.open(sealed, under: key, additionalData: [], in: pool)
                },
                #expect(throws: CryptoError.self) {
                    try HKDFSHA256.derive(from: secret, salt: [], info: "", count: 32, in: pool)
                },
                #expect(throws: CryptoError.self) {
                    try Scrypt.derive(password: secret, salt: [], parameters: .interactive, count: 32, in: pool)
                },
                #expect(throws: CryptoError.self) {
                    try Ed25519.SigningKey(seed: SecretBytes([UInt8](repeating: 1, count: 32), in: pool))
                },
                #expect(throws: CryptoError.self) {
                    try Ed25519.VerificationKey(bytes: [UInt8](repeating: 1, count: 32))
                },
            ]
            for error in errors {
                #expect(error?.code == .unavailable)
                #expect(error?.description.contains("OPENSSL_CONF") == true)
            }
        }
    }

    @Test func hashWithoutItsAlgorithmStopsTheProcess() async throws {
        let configuration = try ConfigurationWithoutAlgorithms()
        defer { configuration.remove() }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [path = configuration.path as String] in
            setenv("OPENSSL_CONF", path, 1)
            _ = SHA256.hash([])
        }
        #expect(text(result).contains("OpenSSL cannot provide SHA-256"))
    }

    @Test func authenticationCodeWithoutItsAlgorithmStopsTheProcess() async throws {
        let configuration = try ConfigurationWithoutAlgorithms()
        defer { configuration.remove() }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [path = configuration.path as String] in
            let key = try SymmetricKey([UInt8](repeating: 1, count: 32), in: SecretPool())
            setenv("OPENSSL_CONF", path, 1)
            _ = HMACSHA256.authenticate([], under: key)
        }
        #expect(text(result).contains("OpenSSL cannot provide HMAC"))
    }

    @Test func keyWithoutRandomBytesStopsTheProcess() async throws {
        let configuration = try ConfigurationWithoutAlgorithms()
        defer { configuration.remove() }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [path = configuration.path as String] in
            setenv("OPENSSL_CONF", path, 1)
            _ = SymmetricKey.random(in: SecretPool())
        }
        #expect(text(result).contains("no random bytes for a key"))
    }

    @Test(arguments: [false, true])
    func idWithoutRandomBytesStopsTheProcess(isBuffered: Bool) async throws {
        let configuration = try ConfigurationWithoutAlgorithms()
        defer { configuration.remove() }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [isBuffered, path = configuration.path as String] in
            setenv("OPENSSL_CONF", path, 1)
            let source: any RandomSource = isBuffered ? BufferedRandomSource() : SystemRandomSource()
            _ = source.bytes(count: 16)
        }
        #expect(text(result).contains("no random bytes"))
    }

    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}

/// A configuration of OpenSSL in which only the null provider is active, in a temporary file.
private struct ConfigurationWithoutAlgorithms {
    let path: String

    init() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("openssl-\(UUID().uuidString).cnf")
        let configuration = """
            openssl_conf = main
            [main]
            providers = providers
            [providers]
            null = null
            [null]
            activate = 1

            """
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        path = file.path
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
