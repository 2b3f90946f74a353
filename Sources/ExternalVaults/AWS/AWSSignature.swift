internal import SecretCrypto
internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// AWS' Signature Version 4, in headers: what tells AWS who sends a request, and that nobody altered it on its way.
///
/// The secret key, what is derived from it and the session token are in secret memory all along.
struct AWSSignature: Sendable {
    /// The region in the signature's scope.
    let region: String
    /// The name by which the service verifies signatures, such as `secretsmanager`.
    let service: String
    /// Where keys and what is signed live.
    let pool: SecretPool
    /// The key of the day.
    var signingKey = AWSSigningKey()

    /// Headers that are not signed, since what stands between us and AWS may alter them.
    private static let unsigned: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    /// Signs a request whose headers are complete: adds `X-Amz-Date`, `X-Amz-Security-Token` and `Authorization`.
    func sign(_ request: inout VaultRequest, with credentials: AWSCredentials, at time: Timestamp) {
        let stamp = AWSDate.basic(time)
        request.headers.append(("X-Amz-Date", stamp))
        if let token = credentials.sessionToken {
            request.secretHeaders.append(.init("X-Amz-Security-Token", token))
        }
        let (digest, names) = canonicalDigest(of: request)
        let scope = "\(stamp.prefix(8))/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(digest)"
        let signature = signature(of: text, credentials.secretAccessKey, day: String(stamp.prefix(8)))
        request.headers.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
                    + "Signature=\(signature)"
            ))
    }

    /// The digest of the canonical request, and the names of the headers in it.
    private func canonicalDigest(of request: VaultRequest) -> (Digest, String) {
        var lines: [(name: String, value: HeaderText)] = [("host", .plain(Self.host(of: request.origin)))]
        lines += request.headers.map { ($0.name.lowercased(), .plain(Self.collapsed($0.value))) }
        lines += request.secretHeaders.map { ($0.name.lowercased(), .secret(prefix: $0.prefix, $0.value)) }
        lines.removeAll { Self.unsigned.contains($0.name) }
        // Those of one name stay in the order in which they are sent.
        let order = lines.indices.sorted { left, right in
            lines[left].name == lines[right].name
                ? left < right : lines[left].name.utf8.lexicographicallyPrecedes(lines[right].name.utf8)
        }

        let (path, query) = Self.parts(of: request.target)
        var text = SecretBuffer(in: pool)
        text.append(text: "\(request.method)\n\(Self.canonicalPath(path))\n\(Self.canonicalQuery(query))\n")
        var names: [String] = []
        for position in order {
            let line = lines[position]
            if line.name == names.last {
                text.append(UInt8(ascii: ","))
            } else {
                if !names.isEmpty { text.append(UInt8(ascii: "\n")) }
                text.append(text: line.name + ":")
                names.append(line.name)
            }
            line.value.append(to: &text)
        }
        text.append(UInt8(ascii: "\n"))
        let signed = names.joined(separator: ";")
        let body = request.body.map { $0.withBytes { SHA256.hash($0) } } ?? SHA256.hash([UInt8]().span.bytes)
        text.append(text: "\n\(signed)\n\(body)")
        return (text.withBytes { SHA256.hash($0) }, signed)
    }

    private func signature(of text: String, _ secret: SecretBytes, day: String) -> Digest {
        let key = signingKey.key(from: secret, for: [day, region, service], in: pool)
        return HMACSHA256.authenticate(Array(text.utf8).span.bytes, underKeyOfAnyLength: key)
    }
}

extension AWSSignature {
    /// A header's value: secrets are not copied into strings.
    private enum HeaderText {
        case plain(String)
        case secret(prefix: String, SecretBytes)

        func append(to buffer: inout SecretBuffer) {
            switch self {
            case .plain(let text): buffer.append(text: text)
            case .secret(let prefix, let secret):
                buffer.append(text: prefix)
                secret.withBytes { buffer.append($0) }
            }
        }
    }

    /// What the header `Host` says: the port only when it is not the usual one.
    private static func host(of origin: LinkURL) -> String {
        let usual = origin.scheme == "https" ? 443 : 80
        return origin.port == usual ? origin.bracketedHost : origin.authority
    }

    /// A value without spaces around it, and with one space in place of several.
    private static func collapsed(_ value: String) -> String {
        guard !isCollapsed(value) else { return value }
        return value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Whether a value of ASCII is so already, as most are.
    private static func isCollapsed(_ value: String) -> Bool {
        var previous = UInt8(ascii: " ")
        for byte in value.utf8 {
            guard (0x20...0x7E).contains(byte), byte != 0x20 || previous != 0x20 else { return false }
            previous = byte
        }
        return previous != 0x20
    }

    private static func parts(of target: String) -> (path: Substring, query: Substring) {
        guard let mark = target.firstIndex(of: "?") else { return (target[...], "") }
        return (target[..<mark], target[target.index(after: mark)...])
    }

    /// The path without dot segments and double slashes, encoded once more than it is on the wire.
    private static func canonicalPath(_ path: Substring) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        let end = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return "/" + segments.map { PercentEncoding.encode($0) }.joined(separator: "/") + end
    }

    /// The pairs of the query, which are encoded already, in order.
    private static func canonicalQuery(_ query: Substring) -> String {
        let pairs = query.split(separator: "&", omittingEmptySubsequences: query.isEmpty).map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: Array(sides[0].utf8), value: Array((sides.count > 1 ? sides[1] : "").utf8))
        }
        let sorted = pairs.sorted { left, right in
            left.name == right.name
                ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }
        return sorted.map { String(decoding: $0.name + Array("=".utf8) + $0.value, as: UTF8.self) }.joined(
            separator: "&")
    }
}
