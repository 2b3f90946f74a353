internal import SecretJSON
internal import SecretMemory

/// How a link gets at a token.
struct HashiCorpLogin: Sendable {
    /// What is shown for a token.
    enum Method: Sendable {
        /// The link's credential is the token.
        case token
        /// An agent keeps the token in a file.
        case tokenFile(String)
        case appRole(id: String, secret: AppRoleSecret)
        /// The token of the pod's service account, in a file.
        case kubernetes(role: String, file: String)
        /// A token of somebody whom the vault trusts; in a file, or the link's credential.
        case webToken(role: String?, file: String?)
        /// The link's credential is a certificate with its key.
        case certificate(name: String?)
    }

    /// What stands for the secret id of a role.
    enum AppRoleSecret: Sendable {
        /// The link's credential.
        case credential
        /// The link's credential is a wrapping token, which gives the secret id once.
        case wrapped
        /// The role needs none.
        case none
    }

    private static let serviceAccountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token"
    /// How long one request may take.
    static let timeout = Duration.seconds(10)

    let method: Method
    /// Where it is mounted, behind `auth/`.
    let mount: String

    /// - Throws: ``LinkProblem`` when an option is missing that the method needs, or one is there that it does not know.
    init(_ link: LinkConfiguration) throws(LinkProblem) {
        let name = link.authentication(default: "token")
        let known: [String]
        switch name {
        case "token-file":
            known = ["token-file"]
            guard let file = link.text("token-file") else { throw Self.missing("token-file", name) }
            method = .tokenFile(file)
        case "approle":
            known = ["role-id", "bind-secret-id", "wrapped", "auth-mount"]
            guard let id = link.text("role-id") else { throw Self.missing("role-id", name) }
            let hasSecret = link.text("bind-secret-id") != "false"
            guard hasSecret || !link.truth("wrapped") else {
                throw LinkProblem(
                    "A role without a secret id has none that could be wrapped. Leave out the option wrapped.")
            }
            method = .appRole(id: id, secret: !hasSecret ? .none : link.truth("wrapped") ? .wrapped : .credential)
        case "kubernetes":
            known = ["role", "jwt-file", "auth-mount"]
            guard let role = link.text("role") else { throw Self.missing("role", name) }
            method = .kubernetes(role: role, file: link.text("jwt-file") ?? Self.serviceAccountToken)
        case "jwt":
            known = ["role", "jwt-file", "auth-mount"]
            method = .webToken(role: link.text("role"), file: link.text("jwt-file"))
        case "cert":
            known = ["role", "auth-mount"]
            method = .certificate(name: link.text("role"))
        default:
            known = []
            method = .token
        }
        for option in ["role", "role-id", "bind-secret-id", "wrapped", "token-file", "jwt-file", "auth-mount"]
        where link.text(option) != nil && !known.contains(option) {
            throw LinkProblem(
                "The option \(option) is not for auth=\(name). Leave it out, or choose another way with auth.")
        }
        let mount = (link.text("auth-mount") ?? name).split(separator: "/").joined(separator: "/")
        guard !mount.isEmpty else { throw LinkProblem("The option auth-mount must be a path, such as approle.") }
        self.mount = mount
    }

    private static func missing(_ option: String, _ method: String) -> LinkProblem {
        LinkProblem("auth=\(method) needs the option \(option).")
    }

    /// Whether the link needs a credential.
    var need: LinkShape.CredentialNeed {
        switch method {
        case .token, .certificate, .appRole(_, .credential), .appRole(_, .wrapped), .webToken(_, nil): .required
        case .tokenFile, .kubernetes, .webToken: .machine
        case .appRole(_, .none): .none
        }
    }

    /// Whether another token can be had when one is refused.
    var canBeRepeated: Bool {
        if case .token = method { false } else { true }
    }

    /// The request for a token.
    ///
    /// - Parameters:
    ///   - secret: The secret id, or the token that is shown; `nil` for methods without one.
    func request(secret: SecretBytes?, pool: SecretPool) throws(VaultFailure) -> HashiCorpRequest {
        if let secret, !secret.withBytes({ UTF8Sequence.isValid($0) }) {
            throw VaultFailure(.credentialUnreadable, detail: "the credential is not a text")
        }
        var body = SecretBuffer(in: pool)
        body.append(text: "{")
        var mayRepeat = true
        switch method {
        case .appRole(let id, _):
            body.member("role_id", id)
            if let secret { body.member("secret_id", secret) }
            // A secret id may have a number of uses.
            mayRepeat = false
        case .kubernetes(let role, _):
            body.member("role", role)
            if let secret { body.member("jwt", secret) }
        case .webToken(let role, _):
            body.member("role", role)
            if let secret { body.member("jwt", secret) }
        case .certificate(let name): body.member("name", name)
        case .token, .tokenFile: break
        }
        body.append(text: "}")
        return HashiCorpRequest(
            method: "POST", path: ["auth"] + mount.split(separator: "/").map(String.init) + ["login"],
            body: body.finish(), timeout: Self.timeout, mayRepeat: mayRepeat)
    }
}
