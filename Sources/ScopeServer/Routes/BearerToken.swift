internal import HTTPTypes
internal import SecretMemory

/// The credential that a request shows.
enum BearerToken {
    private static let longest = 4096

    /// The token of `Authorization: Bearer <token>`; `nil` when there is no such header, when it says something else, or
    /// when there is more than one, of which a proxy and this server might take different ones.
    static func read(from headers: HTTPFields, pool: SecretPool) -> SecretBytes? {
        let values = headers[values: .authorization]
        guard values.count == 1, let value = values.first else { return nil }
        let words = value.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
        guard words.count == 2, String(words[0])?.lowercased() == "bearer" else { return nil }
        let token = words[1]
        guard token.count <= longest, token.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return SecretBytes(count: token.count, in: pool) { $0.copyBytes(from: token) }
    }
}
