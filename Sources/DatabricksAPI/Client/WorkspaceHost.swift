public import SecretScopes

/// Where a workspace's REST API is reached: a Hush server, a run's broker, or a Databricks workspace.
public struct WorkspaceHost: Sendable, Hashable, CustomStringConvertible {
    /// Whether connections are encrypted.
    let isSecure: Bool
    /// The host's name or address, an IPv6 address without its brackets.
    let name: String
    let port: Int
    /// The host and port as a request names them.
    let authority: String

    /// The host as a URL without a path.
    public var description: String { "\(isSecure ? "https" : "http")://\(authority)" }

    /// Reads a host as clients are given it, such as `https://example.cloud.databricks.com` or
    /// `http://127.0.0.1:49152`. Without a scheme it is `https`; a path behind it is ignored, as the Databricks clients
    /// do.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when it is none, or plain HTTP beyond this
    ///   machine: over a network that would show the token to everybody on the way.
    public init(_ text: String) throws(ScopeError) {
        var scheme = "https"
        var rest = Substring(text)
        if let separator = text.firstRange(of: "://") {
            scheme = text[..<separator.lowerBound].lowercased()
            rest = text[separator.upperBound...]
        }
        guard scheme == "https" || scheme == "http" else { throw Self.malformed }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let (name, port) = Self.split(authority) else { throw Self.malformed }
        let isSecure = scheme == "https"
        guard isSecure || Self.isLoopback(name) else {
            throw ScopeError(
                .invalidParameterValue,
                "The host speaks plain HTTP and is not on this machine: a token must not travel over a network in the "
                    + "clear. Use https://."
            )
        }
        let usual = isSecure ? 443 : 80
        self.isSecure = isSecure
        self.name = name
        self.port = port ?? usual
        let shown = name.contains(":") ? "[\(name)]" : name
        self.authority = self.port == usual ? shown : "\(shown):\(self.port)"
    }

    /// Whether the name is an address, for which there is no server name to ask for.
    var isAddress: Bool {
        name.contains(":") || name.split(separator: ".").allSatisfy { Int($0) != nil }
    }

    private static var malformed: ScopeError {
        ScopeError(
            .invalidParameterValue,
            "The host is not understood. Write for example https://hush.example.com or http://127.0.0.1:4874."
        )
    }

    private static func split(_ authority: Substring) -> (name: String, port: Int?)? {
        var name = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            name = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { return nil }
            port = behind.isEmpty ? nil : behind.dropFirst()
            guard name.contains(":"), name.utf8.allSatisfy({ isHexadecimal($0) || $0 == UInt8(ascii: ":") }) else {
                return nil
            }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                name = authority[..<colon]
                port = authority[authority.index(after: colon)...]
            }
            guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy(isNamePart) else { return nil }
        }
        guard let port else { return (String(name), nil) }
        guard
            port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port), (1...65535).contains(number)
        else { return nil }
        return (String(name), number)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Whether a name or address cannot be on another machine: `localhost`, `127.x.y.z` or `::1`.
    private static func isLoopback(_ name: String) -> Bool {
        if name.lowercased() == "localhost" || name == "::1" { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127"
            && numbers.allSatisfy { UInt8($0) != nil && !$0.hasPrefix("+") }
    }
}
