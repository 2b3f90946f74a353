internal import SecretMemory

/// Where the token of an external account comes from.
enum SubjectTokenSource: Sendable {
    /// How a token stands in what is read.
    enum Format: Sendable {
        case text
        case json(field: String)
    }

    /// A file that something on the machine keeps fresh.
    case file(String, Format)
    /// A server of the machine or of the other issuer.
    case server(SubjectTokenServer)
    /// A program.
    case program(SubjectTokenProgram)
    /// What AWS says of this machine; the address that AWS would be asked at.
    case aws(verificationURL: String)

    private static let mostHeaders = 16

    init?(_ fields: JSONFields, _ bytes: RawSpan, _ pool: SecretPool) throws(VaultFailure) {
        var format = Format.text
        if let described = fields.fields("format", in: bytes), described.text("type", in: bytes) == "json" {
            guard let field = described.text("subject_token_field_name", in: bytes) else { return nil }
            format = .json(field: field)
        }
        if let environment = fields.text("environment_id", in: bytes) {
            guard environment == "aws1", let url = fields.text("regional_cred_verification_url", in: bytes) else {
                return nil
            }
            self = .aws(verificationURL: url)
        } else if let path = fields.text("file", in: bytes) {
            guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
            self = .file(path, format)
        } else if let text = fields.text("url", in: bytes) {
            var headers: [VaultRequest.SecretHeader] = []
            let named = fields.fields("headers", in: bytes)
            for name in (named?.names ?? []).prefix(Self.mostHeaders) {
                guard let value = named?.secret(name, in: bytes, pool: pool), SubjectTokenServer.isHeaderName(name)
                else { return nil }
                headers.append(.init(name, value))
            }
            guard let server = SubjectTokenServer(text, headers: headers, format: format) else { return nil }
            self = .server(server)
        } else if let program = fields.fields("executable", in: bytes) {
            guard let command = program.text("command", in: bytes).flatMap({ ShellWords.split($0) }), !command.isEmpty
            else {
                return nil
            }
            let milliseconds = program.integer("timeout_millis", in: bytes) ?? 30_000
            guard (5000...120_000) ~= milliseconds else { return nil }
            self = .program(
                SubjectTokenProgram(
                    command: command, timeout: .milliseconds(milliseconds),
                    outputFile: program.text("output_file", in: bytes)))
        } else if fields["certificate"] != nil {
            throw VaultFailure(
                .credentialUnreadable, detail: "external accounts that show a certificate are not supported")
        } else {
            return nil
        }
    }

    /// The token in what was read.
    static func token(in content: SecretBytes, _ format: Format, pool: SecretPool) throws(VaultFailure) -> SecretBytes {
        let token: SecretBytes? =
            switch format {
            case .text: content.trimmed
            case .json(let field):
                try content.readingJSON { fields, bytes in fields.secret(field, in: bytes, pool: pool) }
            }
        guard let token, token.count > 0 else {
            throw VaultFailure(
                .credentialUnreadable, detail: "there is no token where the credential says that one is")
        }
        return token
    }
}

/// A server that gives the token of an external account.
struct SubjectTokenServer: Sendable {
    /// Where Azure and others have what only their own machines can reach.
    static let metadataHost = "169.254.169.254"
    static let timeout = Duration.seconds(5)

    let origin: LinkURL
    let target: String
    let headers: [VaultRequest.SecretHeader]
    let format: SubjectTokenSource.Format

    init?(_ text: String, headers: [VaultRequest.SecretHeader], format: SubjectTokenSource.Format) {
        let mark = text.firstIndex(of: "?") ?? text.endIndex
        guard
            let url = LinkURL(String(text[..<mark])), url.isWebAddress,
            text[mark...].utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { return nil }
        self.origin = url.origin
        self.target = url.target + text[mark...]
        self.headers = headers
        self.format = format
    }

    static func isHeaderName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                (0x30...0x39) ~= $0 || (0x41...0x5A) ~= $0 || (0x61...0x7A) ~= $0 || $0 == UInt8(ascii: "-")
            }
    }
}

/// A program that gives the token of an external account.
struct SubjectTokenProgram: Sendable {
    let command: [String]
    let timeout: Duration
    let outputFile: String?
}
