internal import SecretJSON
internal import SecretMemory

extension AWSCredentials {
    /// Reads an object with `AccessKeyId`, `SecretAccessKey`, and where they are temporary `SessionToken` or `Token`, and
    /// `Expiration`: what programs and the machine's services answer with. `nil` when it is no such object.
    init?(json text: SecretBytes, in pool: SecretPool) throws(VaultFailure) {
        let found = text.withBytes { bytes -> (String?, SecretBytes?, SecretBytes?, String?)? in
            guard let value = try? JSONValue(parsing: bytes), let members = try? value.members(in: bytes) else {
                return nil
            }
            return (
                members["AccessKeyId"]?.text(in: bytes),
                members["SecretAccessKey"]?.secret(in: bytes, pool: pool),
                (members["SessionToken"] ?? members["Token"])?.secret(in: bytes, pool: pool),
                members["Expiration"]?.text(in: bytes)
            )
        }
        guard let found, let name = found.0, let secret = found.1 else { return nil }
        let expiration = found.3.flatMap { AWSDate.timestamp($0) }
        guard found.3 == nil || expiration != nil else { return nil }
        try self.init(accessKeyID: name, secretAccessKey: secret, sessionToken: found.2, expiration: expiration)
    }
}
