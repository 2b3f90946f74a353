internal import NIOCore
internal import NIOSSL
internal import SecretScopes
internal import Synchronization

/// A server's certificate chain and private key, from two PEM files that may be read anew while the server runs.
public final class TLSIdentity: Sendable {
    private struct Loaded: Sendable {
        var chain: [NIOSSLCertificate]
        var key: NIOSSLPrivateKey
    }

    private let certificatePath: String
    private let keyPath: String
    private let loaded: Mutex<Loaded>

    /// Reads the files.
    ///
    /// - Throws: `ScopeError` with `INVALID_STATE` when one of them cannot be read or the two do not fit together.
    public init(certificatePath: String, keyPath: String) throws {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.loaded = Mutex(try Self.load(certificatePath, keyPath))
    }

    /// Reads the files anew; connections that are made from now on get what they hold now.
    ///
    /// - Throws: As ``init(certificatePath:keyPath:)`` does; then the server keeps what it has.
    public func reload() throws {
        let new = try Self.load(certificatePath, keyPath)
        loaded.withLock { $0 = new }
    }

    /// What the server's connections are set up with. Every handshake takes what was loaded last.
    var configuration: TLSConfiguration {
        var configuration = Self.configuration(loaded.withLock { $0 })
        configuration.sslContextCallback = { [self] _, promise in
            let loaded = loaded.withLock { $0 }
            var change = NIOSSLContextConfigurationOverride()
            change.certificateChain = loaded.chain.map { .certificate($0) }
            change.privateKey = .privateKey(loaded.key)
            promise.succeed(change)
        }
        return configuration
    }

    private static func configuration(_ loaded: Loaded) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: loaded.chain.map { .certificate($0) }, privateKey: .privateKey(loaded.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return configuration
    }

    private static func load(_ certificatePath: String, _ keyPath: String) throws -> Loaded {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
        } catch {
            throw unreadable("certificate", certificatePath)
        }
        guard !chain.isEmpty else { throw unreadable("certificate", certificatePath) }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
        } catch {
            throw unreadable("private key", keyPath)
        }
        let loaded = Loaded(chain: chain, key: key)
        do {
            // It checks that the key belongs to the certificate.
            _ = try NIOSSLContext(configuration: configuration(loaded))
        } catch {
            throw ScopeError(
                .invalidState, "The private key in \(keyPath) does not belong to the certificate in \(certificatePath)."
            )
        }
        return loaded
    }

    private static func unreadable(_ what: String, _ path: String) -> ScopeError {
        ScopeError(
            .invalidState, "There is no \(what) in PEM form to be read from \(path). Check the file and its mode.")
    }
}
