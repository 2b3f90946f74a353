/// What the name of a part tells about it: `password`, `DB_HOST`, `clientSecret`.
///
/// A name is looked at where it stands and never copied: what looks like a name may be a secret after all.
enum PartName {
    /// It is a secret.
    case secret
    /// It is none: a user, a host, a port.
    case harmless
    /// It may be one, if it looks like one.
    case unknown

    /// Classifies the name in `bytes`, by its words.
    init(_ bytes: RawSpan) {
        var hasSecretWord = false
        var previous = 0..<0
        var last = 0..<0
        var position = 0
        while let word = Self.nextWord(in: bytes, from: position) {
            (previous, last) = (last, word)
            position = word.upperBound
            if Self.secretWords.contains(where: { Self.isWord($0, word, of: bytes) }) { hasSecretWord = true }
        }
        // `secret_id` and `session_id` let their holder in; `access_key_id` and `token_url` do not.
        let isHandle =
            Self.isWord(Self.identifier, last, of: bytes)
            && Self.handleWords.contains { Self.isWord($0, previous, of: bytes) }
        if isHandle {
            self = .secret
        } else if Self.harmlessWords.contains(where: { Self.isWord($0, last, of: bytes) }) {
            self = .harmless
        } else if hasSecretWord || Self.secretEndings.contains(where: { Self.ends(with: $0, last, of: bytes) }) {
            self = .secret
        } else {
            self = .unknown
        }
    }

    /// Whether a part of this name and of these bytes is to be redacted by itself.
    func isSecret(_ part: RawSpan) -> Bool {
        switch self {
        case .secret: true
        case .harmless: false
        case .unknown: Self.looksSecret(part)
        }
    }

    /// At least 12 bytes without white space, with letters and digits.
    private static func looksSecret(_ part: RawSpan) -> Bool {
        guard part.byteCount >= 12, part.allSatisfy({ !$0.isWhitespace }) else { return false }
        return !part.allSatisfy { !$0.isDigit } && !part.allSatisfy { !$0.isLetter }
    }

    // MARK: Words

    /// The next word, which capitals, `_`, `-`, `.` and spaces divide from others.
    private static func nextWord(in name: RawSpan, from position: Int) -> Range<Int>? {
        var start = position
        while start < name.byteCount, !name[byte: start].isAlphanumeric { start += 1 }
        guard start < name.byteCount else { return nil }
        var end = start + 1
        while end < name.byteCount, name[byte: end].isAlphanumeric {
            let startsWord = isCapital(name[byte: end]) && !isCapital(name[byte: end - 1])
            if startsWord { break }
            end += 1
        }
        return start..<end
    }

    private static func isCapital(_ byte: UInt8) -> Bool { byte != byte.lowercased }

    private static func isWord(_ word: [UInt8], _ range: Range<Int>, of name: RawSpan) -> Bool {
        word.count == range.count && ends(with: word, range, of: name)
    }

    private static func ends(with word: [UInt8], _ range: Range<Int>, of name: RawSpan) -> Bool {
        guard word.count <= range.count else { return false }
        let start = range.upperBound - word.count
        return word.indices.allSatisfy { name[byte: start + $0].lowercased == word[$0] }
    }

    private static let identifier = Array("id".utf8)
    private static let handleWords = ["secret", "session"].map { Array($0.utf8) }
    private static let secretWords = [
        "apikey", "auth", "bearer", "cookie", "credential", "credentials", "hmac", "key", "keys", "otp", "pass",
        "passcode", "passphrase", "passwd", "password", "passwords", "pat", "pin", "private", "psk", "pw", "pwd",
        "salt", "sas", "secret", "secrets", "seed", "sig", "signature", "token", "tokens", "webhook",
    ].map { Array($0.utf8) }
    private static let secretEndings = [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "key", "pwd",
    ].map { Array($0.utf8) }
    private static let harmlessWords = [
        "account", "address", "addr", "algorithm", "app", "application", "audience", "author", "bucket", "catalog",
        "channel", "cluster", "comment", "company", "count", "created", "database", "date", "db", "dbname",
        "description", "dialect", "dir", "directory", "domain", "driver", "email", "enabled", "encoding", "endpoint",
        "engine", "env", "environment", "expires", "expiry", "file", "format", "group", "host", "hostname", "hosts",
        "id", "identifier", "issuer", "kind", "label", "language", "level", "lifetime", "locale", "location", "login",
        "method", "mode", "name", "namespace", "organization", "owner", "path", "port", "principal", "project",
        "protocol", "provider", "proxy", "realm", "region", "retries", "role", "schema", "scheme", "scope", "scopes",
        "server", "service", "size", "source", "ssl", "sslmode", "stage", "status", "subject", "suffix", "team",
        "tenant", "timeout", "timezone", "tls", "ttl", "type", "tz", "uid", "updated", "uri", "url", "user",
        "username", "users", "version", "warehouse", "workspace", "zone",
    ].map { Array($0.utf8) }
}
