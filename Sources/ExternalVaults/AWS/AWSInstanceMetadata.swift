internal import SecretCrypto
internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The credentials of the role of this EC2 instance, from its metadata service (version 2, with a session token).
///
/// Version 1, which answers anybody who can make this machine send a request, is never used.
struct AWSInstanceMetadata: AWSCredentialSource {
    private static let path = "/latest/meta-data/iam/security-credentials/"
    /// Credentials that are not new any more are used on, and asked for again after so many seconds and some more: the service
    /// then has none that are fresher (static stability).
    private static let nearEnd: Int64 = 15 * 60 * 1000

    let access: AWSAccess

    /// How long one request may take: a second, unless the machine says something else.
    private var patience: Duration {
        .seconds(number("AWS_METADATA_SERVICE_TIMEOUT", in: 1...60) ?? 1)
    }

    /// How often a request is sent that is not answered: once, unless the machine says something else.
    private var attempts: Int { number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", in: 1...10) ?? 1 }

    private func number(_ variable: String, in range: ClosedRange<Int>) -> Int? {
        access.machine.variable(variable).flatMap { Int($0) }.map { min(max($0, range.lowerBound), range.upperBound) }
    }

    /// Whether the machine's settings let the service be asked.
    var isOffered: Bool { access.machine.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" }

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        let origin = try origin()
        let answer = try await send(
            "PUT", origin, "/latest/api/token", headers: [("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
        let token = answer.body.trimmed
        guard token.count > 0 else { throw Self.confusing("a session token") }
        let names = try await send("GET", origin, Self.path, token: token)
        let role =
            names.body.withBytes { bytes in
                bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard !role.isEmpty, role.utf8.count <= 128 else {
            throw VaultFailure(.credentialUnreadable, detail: "this EC2 instance has no role")
        }
        let body = try await send("GET", origin, Self.path + PercentEncoding.encode(role), token: token).body
        // With status 200 there may be an object that tells of an error.
        guard Self.isSuccess(body), let keys = try AWSCredentials(json: body, in: access.context.pool) else {
            throw Self.confusing("credentials")
        }
        return issued(keys)
    }

    private func issued(_ keys: AWSCredentials) -> TokenCache<AWSCredentials>.Issued {
        let now = access.clock.now()
        guard let end = keys.expiration, end.rawValue - now.rawValue < Self.nearEnd else { return .init(keys, at: now) }
        let jitter = access.context.random.bytes(count: 2).reduce(0) { $0 << 8 | Int($1) } % 480
        let refresh = Duration.seconds(12 * 60 + jitter)
        return .init(token: keys, refresh: refresh, end: refresh + .seconds(10 * 60))
    }

    private func origin() throws(VaultFailure) -> LinkURL {
        let isNewProtocol = access.machine.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
        let usual = isNewProtocol ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
        guard
            let origin = LinkURL(access.machine.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? usual),
            origin.isWebAddress
        else {
            throw VaultFailure(
                .credentialUnreadable, detail: "the variable AWS_EC2_METADATA_SERVICE_ENDPOINT is not an address")
        }
        return origin
    }

    private func send(
        _ method: String, _ origin: LinkURL, _ target: String, headers: [(name: String, value: String)] = [],
        token: SecretBytes? = nil
    ) async throws(VaultFailure) -> VaultAnswer {
        let request = VaultRequest(
            method, origin, target, headers: headers,
            secretHeaders: token.map { [.init("x-aws-ec2-metadata-token", $0)] } ?? [], timeout: patience,
            isForMetadata: true)
        var failure = VaultFailure(.unreachable, detail: "the instance metadata service does not answer")
        for _ in 0..<attempts {
            guard
                let answer = try? await access.context.transport.send(
                    request, trust: access.trust, deadline: .now + patience)
            else { continue }
            guard answer.status >= 500 else { return try Self.success(answer, target) }
            failure = VaultFailure(.unreachable, detail: Self.told(answer.status))
        }
        throw failure
    }

    private static func success(_ answer: VaultAnswer, _ target: String) throws(VaultFailure) -> VaultAnswer {
        switch answer.status {
        case 200..<300: return answer
        case 404 where target == path:
            throw VaultFailure(.credentialUnreadable, detail: "this EC2 instance has no role")
        default: throw VaultFailure(.credentialUnreadable, detail: told(answer.status))
        }
    }

    private static func told(_ status: Int) -> String {
        "the instance metadata service answered with status \(status)"
    }

    private static func confusing(_ wanted: String) -> VaultFailure {
        VaultFailure(.credentialUnreadable, detail: "the instance metadata service did not answer with \(wanted)")
    }

    private static func isSuccess(_ body: SecretBytes) -> Bool {
        (try? body.readingJSON { fields, bytes in fields.text("Code", in: bytes) ?? "Success" }) == "Success"
    }
}
