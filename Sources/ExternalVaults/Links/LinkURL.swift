/// An address, taken apart: `scheme://[user@]host[:port][/path]`. There is no query, no fragment and no password in one.
package struct LinkURL: Sendable, Hashable {
    /// In lower case.
    package let scheme: String
    /// In lower case; without the brackets of an IPv6 address. Empty in `file:///PATH`.
    package let host: String
    package let port: Int?
    /// With the slash that it begins with; empty when there is none.
    package let path: String

    /// Reads an address; `nil` when it is none.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let mark = text.firstRange(of: "://") else {
            return nil
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        let isScheme = scheme.utf8.allSatisfy { (0x61...0x7A) ~= $0 || (0x30...0x39) ~= $0 || $0 == UInt8(ascii: "-") }
        guard !scheme.isEmpty, isScheme else { return nil }
        let rest = text[mark.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = String(rest[slash...])
        guard !path.contains("?"), !path.contains("#") else { return nil }
        guard let (host, port) = Self.authority(rest[..<slash]) else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
    }

    private static func authority(_ text: Substring) -> (String, Int?)? {
        var host = text
        var port: Int?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = Self.port(rest.dropFirst()) else { return nil }
                port = number
            }
        } else {
            if let colon = text.firstIndex(of: ":") {
                guard let number = Self.port(text[text.index(after: colon)...]) else { return nil }
                host = text[..<colon]
                port = number
            }
            let isName = host.utf8.allSatisfy { byte in
                (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
            guard isName else { return nil }
        }
        return (host.lowercased(), port)
    }

    private static func port(_ text: Substring) -> Int? {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(text), (1...65_535) ~= port else {
            return nil
        }
        return port
    }

    /// The host as it stands in addresses: in brackets when it is an IPv6 address.
    package var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    /// Host and port, if it has one, as they stand in addresses.
    package var authority: String { bracketedHost + (port.map { ":\($0)" } ?? "") }

    /// Whether it is an address of the web with a host.
    package var isWebAddress: Bool { (scheme == "https" || scheme == "http") && !host.isEmpty }

    /// Whether the host is this machine, by its name or number.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.split(separator: ".").count == 4)
    }

    /// The segments of the path, without empty ones.
    package var segments: [String] { path.split(separator: "/").map(String.init) }
}

extension LinkURL: CustomStringConvertible {
    package var description: String { "\(scheme)://\(authority)\(path)" }
}
