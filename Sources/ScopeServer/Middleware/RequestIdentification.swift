internal import HTTPTypes
internal import Hummingbird
internal import SecretScopes

/// Gives every request an id, its own or a random one, and every answer the same id and a ban on keeping it.
enum RequestIdentification {
    /// As much of an id as the audit record keeps.
    private static let longest = 64

    static func id(of request: Request) -> String {
        if let id = request.headers[.requestID], id.utf8.count <= longest, !id.isEmpty,
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            return id
        }
        var generator = SystemRandomNumberGenerator()
        return Identifier<Request>(high: generator.next(), low: generator.next()).description
    }

    static func mark(_ response: inout Response, _ context: ScopeRequestContext) {
        response.headers[.requestID] = context.requestID
        response.headers[.cacheControl] = "no-store"
    }
}
