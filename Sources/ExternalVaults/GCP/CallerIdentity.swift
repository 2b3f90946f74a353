internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// What proves to Google which AWS role this machine has: a signed request that Google's Security Token Service sends to AWS.
struct CallerIdentity: Sendable {
    let context: VaultContext

    /// - Parameter verificationURL: Where AWS answers, with `{region}` in it.
    func token(
        _ account: ExternalAccount, _ verificationURL: String, _ author: SubjectTokens.Author
    ) async throws(VaultFailure) -> SecretBytes {
        guard author == .machine else {
            throw VaultFailure(
                .untrusted,
                detail:
                    "the credential wants to be this machine's AWS role, which only the machine's own configuration may "
                    + "(auth=adc)")
        }
        let machine = AWSMachine(environment: context.environment, pool: context.pool)
        guard let region = machine.variable("AWS_REGION") ?? machine.variable("AWS_DEFAULT_REGION") else {
            throw VaultFailure(.credentialUnreadable, detail: "the variable AWS_REGION is not set")
        }
        let url = verificationURL.replacing("{region}", with: region)
        guard
            let address = LinkURL("aws-secrets-manager://\(region)"),
            let server = SubjectTokenServer(url, headers: [], format: .text), server.origin.scheme == "https",
            server.origin.host == "sts.\(address.host).amazonaws.com"
                || server.origin.host == "sts.\(address.host).amazonaws.com.cn"
        else { throw VaultFailure(.untrusted, detail: "the credential's verification address is not AWS' own") }
        let access: AWSAccess
        do {
            access = try AWSAccess(LinkConfiguration(kind: .awsSecretsManager, address: address, values: [:]), context)
        } catch {
            throw VaultFailure(.credentialUnreadable, detail: error.message)
        }
        let none = VaultCredential(revision: "", fetch: nil)
        let variables = AWSVariableKeys(access: access)
        let keys =
            if variables.isOffered {
                try await variables.fetch(none).token
            } else {
                try await AWSInstanceMetadata(access: access).fetch(none).token
            }
        var request = VaultRequest(
            "POST", server.origin, server.target, headers: [("x-goog-cloud-target-resource", account.audience)],
            timeout: .seconds(1))
        AWSSignature(region: region, service: "sts", pool: context.pool)
            .sign(&request, with: keys, at: context.clock.now())
        return encoded(request, url: url)
    }

    /// The request in the form that Google asks for: compact JSON with its fields in order, percent-encoded.
    private func encoded(_ request: VaultRequest, url: String) -> SecretBytes {
        var json = SecretBuffer(in: context.pool)
        json.append(text: #"{"headers":["#)
        for (name, value) in [("host", request.origin.host)] + request.headers {
            json.append(text: #"{"key":"#)
            json.appendJSONString(name)
            json.append(text: #","value":"#)
            json.appendJSONString(value)
            json.append(text: "},")
        }
        for header in request.secretHeaders {
            json.append(text: #"{"key":"#)
            json.appendJSONString(header.name)
            json.append(text: #","value":"#)
            header.value.withBytes { json.appendJSONString($0) }
            json.append(text: "},")
        }
        json.removeLast(1)
        json.append(text: #"],"method":"POST","url":"#)
        json.appendJSONString(url)
        json.append(text: "}")
        var text = SecretBuffer(in: context.pool)
        json.withBytes { PercentEncoding.encode($0, into: &text) }
        return text.finish()
    }
}
