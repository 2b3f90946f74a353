/// What a change makes useless in caches.
enum CacheInvalidation: Hashable, Sendable {
    /// A scope or its ACL, by folded name.
    case scope(String)
    /// A principal itself.
    case principal(PrincipalID)
    /// Who belongs to which groups.
    case memberships
    /// A credential.
    case credential(CredentialID)
    /// A secret.
    case secret(SecretPlace)

    static func encode(_ entries: [CacheInvalidation]) -> [UInt8] {
        var writer = ByteWriter()
        for entry in entries {
            switch entry {
            case .scope(let name):
                writer.writeByte(1)
                writer.write(name)
            case .principal(let id):
                writer.writeByte(2)
                writer.write(id)
            case .memberships:
                writer.writeByte(3)
            case .credential(let id):
                writer.writeByte(4)
                writer.write(id)
            case .secret(let place):
                writer.writeByte(5)
                writer.write(place.scope)
                writer.write(place.foldedName)
            }
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(MalformedBytes) -> [CacheInvalidation] {
        var reader = ByteReader(bytes)
        var entries: [CacheInvalidation] = []
        while !reader.isAtEnd {
            switch try reader.readByte() {
            case 1: entries.append(.scope(try reader.readText()))
            case 2: entries.append(.principal(try reader.readIdentifier()))
            case 3: entries.append(.memberships)
            case 4: entries.append(.credential(try reader.readIdentifier()))
            case 5:
                entries.append(
                    .secret(SecretPlace(scope: try reader.readIdentifier(), foldedName: try reader.readText())))
            default: throw MalformedBytes()
            }
        }
        return entries
    }
}
