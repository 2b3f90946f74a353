internal import SecretMemory

/// The credentials that a container is given by ECS, or by EKS Pod Identity, over HTTP.
struct AWSContainerCredentials: AWSCredentialSource {
    /// Hosts that may be asked without encryption, beside this machine.
    private static let hosts: Set<String> = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
    private static let patience = Duration.seconds(2)

    let access: AWSAccess
    private let endpoint: VaultEndpoint

    init(_ access: AWSAccess) {
        self.access = access
        self.endpoint = VaultEndpoint(access.context.transport, random: access.context.random, rateLimit: nil)
    }

    /// Whether this is such a container.
    var isOffered: Bool {
        access.machine.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != nil
            || access.machine.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") != nil
    }

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        let (origin, target) = try address()
        let token = try await token()
        let answer = try await endpoint.send(trust: access.trust, deadline: .now + Self.patience * 3) {
            () throws(VaultFailure) in
            VaultRequest(
                "GET", origin, target, headers: [("Accept", "application/json")],
                secretHeaders: token.map { [.init("Authorization", $0)] } ?? [], timeout: Self.patience,
                isForMetadata: origin.scheme == "http")
        } problem: { answer in
            switch answer.status {
            case 200..<300: nil
            case 429, 500...: VaultFailure(.unreachable, detail: Self.told(answer.status))
            default: VaultFailure(.credentialRejected, detail: Self.told(answer.status))
            }
        }
        guard let keys = try AWSCredentials(json: answer.body, in: access.context.pool) else {
            throw VaultFailure(
                .notUnderstood, detail: "the container's credential service did not answer with credentials")
        }
        return .init(keys, at: access.clock.now())
    }

    private static func told(_ status: Int) -> String {
        "the container's credential service answered with status \(status)"
    }

    private func address() throws(VaultFailure) -> (LinkURL, String) {
        if let path = access.machine.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/"), let origin = LinkURL("http://169.254.170.2") else {
                throw Self.misplaced("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "a path that begins with /")
            }
            return (origin, path)
        }
        let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        guard let text = access.machine.variable(name) else { throw Self.misplaced(name, "set") }
        // Addresses of links have no query, but this one may.
        let end = text.firstIndex(of: "?") ?? text.endIndex
        guard let url = LinkURL(String(text[..<end])), url.isWebAddress else {
            throw Self.misplaced(name, "an address")
        }
        guard url.scheme == "https" || url.isLoopback || Self.hosts.contains(url.host) else {
            throw Self.misplaced(name, "an https address, or one of this machine or of the container services")
        }
        return (url, (url.path.isEmpty ? "/" : url.path) + text[end...])
    }

    private static func misplaced(_ name: String, _ wanted: String) -> VaultFailure {
        VaultFailure(.credentialUnreadable, detail: "the variable \(name) is not \(wanted)")
    }

    /// What the service is shown; a file is read anew each time, since it changes.
    private func token() async throws(VaultFailure) -> SecretBytes? {
        if let path = access.machine.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            return try await access.machine.token(at: path)
        }
        return access.machine.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map {
            SecretBytes(copying: Array($0.utf8).span.bytes, in: access.context.pool)
        }
    }
}
