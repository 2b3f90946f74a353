internal import SecretMemory

/// What a server sent back. The body stays in secret memory, since it may hold a value.
struct HTTPAnswer: Sendable {
    /// The status code.
    let status: Int
    /// The headers by name in lower case; of several of one name the last.
    let headers: [String: String]
    /// The body, of whatever pieces it came in.
    let body: SecretBytes

    /// Lends the body.
    func withBody<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try self.body.withBytes(body)
    }
}
