internal import NIOSSL
package import SecretMemory

/// Whom a vault's connections trust, and with which certificate they show themselves.
package struct ServerTrust: Sendable {
    let configuration: TLSConfiguration

    /// Trusts the system's authorities.
    package init() {
        self.configuration = Self.base
    }

    /// - Parameters:
    ///   - certificates: A PEM file with those whom to trust instead of the system's own; `nil` for these.
    ///   - identity: A certificate and its key, in PEM form one behind the other, to show to the server.
    /// - Throws: ``LinkProblem`` when one of them cannot be read.
    package init(certificates: String?, identity: SecretBytes? = nil) throws(LinkProblem) {
        var configuration = Self.base
        if let certificates {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificates))
            } catch {
                throw LinkProblem(
                    "There are no certificates in PEM form to be read from \(certificates). Look at the option ca-file."
                )
            }
        }
        if let identity {
            do {
                let bytes = identity.withBytes { $0.withUnsafeBytes { Array($0) } }
                configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(bytes).map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: bytes, format: .pem))
            } catch {
                throw LinkProblem(
                    "The link's credential is not a certificate and its private key in PEM form, one behind the other.")
            }
        }
        self.configuration = configuration
    }

    private static var base: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }
}
