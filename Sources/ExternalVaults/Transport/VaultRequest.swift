package import SecretMemory

/// A request to a vault, or to whoever issues its tokens.
package struct VaultRequest: Sendable {
    /// A header whose value is a secret. It stands in the request as a place holder, and is put in its place on the last
    /// step before encryption (``SecretHeaders``), in memory that is overwritten.
    package struct SecretHeader: Sendable {
        package var name: String
        /// What stands before the secret, such as `Bearer `.
        package var prefix: String
        package var value: SecretBytes

        package init(_ name: String, prefix: String = "", _ value: SecretBytes) {
            self.name = name
            self.prefix = prefix
            self.value = value
        }
    }

    /// The method.
    package var method: String
    /// Scheme, host and port.
    package var origin: LinkURL
    /// Path and query as they stand on the wire, percent-encoded; it begins with `/`.
    package var target: String
    /// Headers that are no secret. `Host` and `Content-Length` are made.
    package var headers: [(name: String, value: String)]
    /// Headers that are.
    package var secretHeaders: [SecretHeader]
    /// The body.
    package var body: SecretBytes?
    /// How long to wait for the whole answer; the caller's deadline counts as well.
    package var timeout: Duration
    /// Whether it asks the machine's own metadata service: without a proxy, over plain HTTP, at an address that no link may
    /// name.
    package var isForMetadata: Bool

    package init(
        _ method: String,
        _ origin: LinkURL,
        _ target: String,
        headers: [(name: String, value: String)] = [],
        secretHeaders: [SecretHeader] = [],
        body: SecretBytes? = nil,
        timeout: Duration,
        isForMetadata: Bool = false
    ) {
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.secretHeaders = secretHeaders
        self.body = body
        self.timeout = timeout
        self.isForMetadata = isForMetadata
    }
}

/// What came back.
package struct VaultAnswer: Sendable {
    /// The status.
    package let status: Int
    private let headers: [(name: String, value: String)]
    /// The body.
    package let body: SecretBytes

    package init(status: Int, headers: [(name: String, value: String)], body: SecretBytes) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in whatever case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    /// All headers of that name.
    package func allHeaders(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name }.map(\.value)
    }

    /// Whether it tells of success.
    package var isSuccess: Bool { (200...299).contains(status) }
}
