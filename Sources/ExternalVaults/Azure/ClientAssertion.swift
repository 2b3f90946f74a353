internal import SecretCrypto
internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The token by which the owner of a certificate's key authenticates as an application.
enum ClientAssertion {
    /// How it is told of in a request.
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    private static let lifetime: Int64 = 600

    /// A token for one request.
    ///
    /// - Parameters:
    ///   - certificate: The certificate and its RSA key, in PEM form, in either order.
    ///   - client: The application's id.
    ///   - audience: Where it is sent.
    /// - Throws: ``VaultFailure`` with `credentialUnreadable`.
    static func make(
        certificate: SecretBytes, client: String, audience: String, _ context: VaultContext
    ) throws(VaultFailure) -> SecretBytes {
        let key: RSASigningKey
        do {
            key = try RSASigningKey(pem: certificate, in: context.pool)
        } catch {
            throw VaultFailure(.credentialUnreadable, detail: "the link's certificate cannot be used: \(error)")
        }
        let blocks = PEM.blocks(of: certificate, in: context.pool)
        guard let block = blocks.first(where: { $0.label == "CERTIFICATE" }) else {
            throw VaultFailure(
                .credentialUnreadable,
                detail: "the link's credential has a private key but no certificate; both must stand there in PEM form")
        }
        let thumbprint = block.bytes.withBytes { SHA256.hash($0) }
        var header = JSONWriter()
        header.object { json in
            json.member("typ", "JWT")
            json.member("alg", "PS256")
            json.member("x5t#S256", Base64URL.encode(thumbprint.bytes, pool: context.pool))
        }
        let now = context.clock.now().rawValue / 1000
        var claims = JSONWriter()
        claims.object { json in
            json.member("aud", audience)
            json.member("iss", client)
            json.member("sub", client)
            json.member("jti", Hexadecimal.encode(context.random.bytes(count: 16)))
            json.member("nbf", now)
            json.member("exp", now + lifetime)
        }
        return try JSONWebToken.sign(header: header, claims: claims, key: key, padding: .pss, pool: context.pool)
    }
}
