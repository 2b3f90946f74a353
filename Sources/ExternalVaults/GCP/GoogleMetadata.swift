internal import SecretMemory

/// The metadata service of Google's machines, which gives tokens of the service account that runs them.
struct GoogleMetadata: Sendable {
    /// The service may be starting up, but a machine that has none must not keep anybody waiting.
    private static let timeout = Duration.seconds(3)
    private static let flavor = (name: "Metadata-Flavor", value: "Google")

    let origin: LinkURL

    /// - Throws: ``LinkProblem`` when a variable names a host that is none.
    init(_ environment: [String: String]) throws(LinkProblem) {
        let host = ["GCE_METADATA_HOST", "GCE_METADATA_IP"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        guard let url = LinkURL("http://" + (host ?? "metadata.google.internal")), url.path.isEmpty else {
            throw LinkProblem("The variable GCE_METADATA_HOST is not a host.")
        }
        self.origin = url
    }

    /// Whether the machine says that it has none.
    static func isRuledOut(_ environment: [String: String]) -> Bool {
        environment["NO_GCE_CHECK"]?.lowercased() == "true"
    }

    /// A token for `scope`.
    func token(
        scope: String, endpoint: VaultEndpoint, deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> VaultAnswer {
        let target =
            "/computeMetadata/v1/instance/service-accounts/default/token?scopes=" + PercentEncoding.encode(scope)
        let answer: VaultAnswer
        do {
            answer = try await endpoint.send(trust: ServerTrust(), deadline: deadline) {
                VaultRequest(
                    "GET", origin, target, headers: [Self.flavor], timeout: Self.timeout, isForMetadata: true)
            } problem: {
                $0.status == 404
                    ? VaultFailure(.credentialRejected, detail: "this machine has no service account")
                    : GoogleFailure.tokenFailure(in: $0, of: "the metadata service")
            }
        } catch  where error.reason == .deadlinePassed || error.reason == .unreachable {
            throw VaultFailure(
                .unreachable, detail: "the metadata service does not answer; is this a machine of Google Cloud?")
        }
        guard answer.header("metadata-flavor") == Self.flavor.value else {
            throw VaultFailure(.untrusted, detail: "what answers in place of the metadata service is not it")
        }
        return answer
    }
}
