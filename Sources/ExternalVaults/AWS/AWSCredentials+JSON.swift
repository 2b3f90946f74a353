internal import SecretJSON
internal import SecretMemory

extension AWSCredentials {
    /// Reads an object with `AccessKeyId`, `SecretAccessKey`, and where they are temporary `SessionToken` or `Token`, and
    /// `Expiration`: what programs and the machine's services answer with. `nil` when it is no such object.
    init?(json text: SecretBytes, in pool: SecretPool) throws(VaultFailure) {
        let found = try text.readingJSON { fields, bytes in
            (
                fields.text("AccessKeyId", in: bytes),
                fields.secret("SecretAccessKey", in: bytes, pool: pool),
                fields.secret("SessionToken", in: bytes, pool: pool) ?? fields.secret("Token", in: bytes, pool: pool),
                fields.text("Expiration", in: bytes)
            )
        }
        guard let found, let name = found.0, let secret = found.1 else { return nil }
        let expiration = found.3.flatMap { AWSDate.timestamp($0) }
        guard found.3 == nil || expiration != nil else { return nil }
        try self.init(accessKeyID: name, secretAccessKey: secret, sessionToken: found.2, expiration: expiration)
    }
}
