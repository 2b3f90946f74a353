public import SecretScopes

/// Where a workspace's REST API is reached: so far only a run's broker, over plain HTTP on this machine.
public struct WorkspaceHost: Sendable, Hashable, CustomStringConvertible {
    /// The address in network byte order; always inside 127.0.0.0/8.
    let address: UInt32
    let port: UInt16
    /// The host and port as a request names them.
    let authority: String

    /// The host as a URL without a path.
    public var description: String { "http://\(authority)" }

    /// Reads the text of `DATABRICKS_HOST`, such as `http://127.0.0.1:49152`. A path behind it is ignored, as the
    /// Databricks clients do.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when it is not plain HTTP on a loopback
    ///   address with a port. Over a network plain HTTP would show the token to everybody on the way.
    public init(_ text: String) throws(ScopeError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "http" else {
            throw ScopeError(
                .invalidParameterValue,
                "The host is not a run's server: only http:// on this machine is supported. "
                    + "Unset DATABRICKS_HOST to work with the workspace on this machine."
            )
        }
        let authority = parts[1].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let pieces = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard
            pieces.count == 2,
            let address = Self.loopbackAddress(pieces[0]),
            pieces[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(pieces[1]), port > 0
        else {
            throw ScopeError(
                .invalidParameterValue,
                "The host is not a loopback address with a port, such as http://127.0.0.1:49152: "
                    + "a token must not travel over a network in the clear."
            )
        }
        self.address = address
        self.port = port
        self.authority = String(authority)
    }

    /// The address in network byte order of `localhost` or `127.x.y.z`.
    private static func loopbackAddress(_ host: Substring) -> UInt32? {
        if host.lowercased() == "localhost" { return UInt32(0x7F00_0001).bigEndian }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 4, numbers.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        let bytes = numbers.compactMap { UInt8($0) }
        guard bytes.count == 4, bytes[0] == 127 else { return nil }
        return bytes.reduce(0 as UInt32) { $0 << 8 | UInt32($1) }.bigEndian
    }
}
