internal import SecretJSON
internal import SecretMemory

/// The tokens of one link: fetched, renewed, fetched anew, and revoked in the end.
///
/// Between the awaits of one method another may run: what one finds in `current` may be of an older revision, or given back
/// meanwhile, and is then not used.
actor HashiCorpSession {
    /// How long it may take to come by a token: a login, and a look at what it gave.
    private static let tokenPatience = HashiCorpLogin.timeout * 2

    private let client: HashiCorpClient
    private let login: HashiCorpLogin
    private let trust: ServerTrust
    private let certificates: String?
    private let pool: SecretPool
    private let clock: any SteadyClock
    private let tokens: TokenCache<HashiCorpLease>
    /// The token in use.
    private var current: (revision: String, lease: HashiCorpLease)?
    /// A secret id that came out of a wrapping token, which gives it once.
    private var unwrapped: (revision: String, secret: SecretBytes)?
    private var isClosed = false

    init(
        client: HashiCorpClient, login: HashiCorpLogin, trust: ServerTrust, certificates: String?, pool: SecretPool,
        clock: any SteadyClock
    ) {
        self.client = client
        self.login = login
        self.trust = trust
        self.certificates = certificates
        self.pool = pool
        self.clock = clock
        self.tokens = TokenCache(clock: clock)
    }

    /// Sends a request as the link's bearer, with a new token if the one in use is refused.
    ///
    /// - Parameter sending: Called before each attempt.
    /// - Returns: The answer; never a 403.
    nonisolated func send(
        _ request: HashiCorpRequest, _ call: VaultCall, sending: () -> Void = {}
    ) async throws(VaultFailure) -> VaultAnswer {
        var isSecond = false
        while true {
            let lease = try await lease(call)
            let answer = try await client.send(
                request, token: lease.token, trust: lease.trust, deadline: call.deadline, sending: sending)
            guard answer.status == 403 else { return answer }
            // A 403 says that the token is not valid, or that it may not do this: only the vault can tell which.
            guard try await !isValid(lease, call) else {
                throw VaultFailure(.denied, detail: "its answer is status 403")
            }
            await drop(lease, call)
            guard !isSecond, login.canBeRepeated else {
                throw VaultFailure(.credentialRejected, detail: "the token is not valid, or not any more")
            }
            isSecond = true
        }
    }

    /// Gives the token back, if it was made for this link.
    func close() async {
        isClosed = true
        if let lease = current?.lease { await revoke(lease) }
        current = nil
        unwrapped = nil
    }

    // MARK: The token in use

    private func lease(_ call: VaultCall) async throws(VaultFailure) -> HashiCorpLease {
        try await tokens.token(for: call.credential.revision, until: call.deadline) { () throws(VaultFailure) in
            // Others may wait for it who have more patience.
            var call = call
            call.deadline = .now + Self.tokenPatience
            return try await self.obtain(call)
        }
    }

    private func obtain(_ call: VaultCall) async throws(VaultFailure) -> TokenCache<HashiCorpLease>.Issued {
        let revision = call.credential.revision
        if let current, current.revision == revision, let renewed = await renewed(current.lease, call) {
            self.current = (revision, renewed)
            return renewed.issued
        }
        let lease = try await newLease(call)
        let old = current?.lease
        current = isClosed ? nil : (revision, lease)
        if let old { Task { await self.revoke(old) } }
        return lease.issued
    }

    /// The token with a new end; `nil` when it must be replaced.
    private func renewed(_ lease: HashiCorpLease, _ call: VaultCall) async -> HashiCorpLease? {
        guard lease.isRenewable, let end = lease.end, end > clock.now(), let lifetime = lease.lifetime else {
            return nil
        }
        var body = SecretBuffer(in: pool)
        body.append(text: "{\"increment\":\"\(max(1, lifetime.components.seconds))s\"}")
        let request = HashiCorpRequest(
            method: "POST", path: ["auth", "token", "renew-self"], body: body.finish(), timeout: HashiCorpLogin.timeout)
        guard
            let answer = try? await client.send(
                request, token: lease.token, trust: lease.trust, deadline: call.deadline),
            answer.status == 200,
            let renewed = try? HashiCorpLease(
                answer, trust: lease.trust, isOurs: lease.isOurs, at: clock.now(), pool: pool)
        else { return nil }
        // One that has reached the longest life of its kind does not get older, whatever it is given.
        guard let newEnd = renewed.end, newEnd > end || !login.canBeRepeated else { return nil }
        return renewed
    }

    private func isValid(_ lease: HashiCorpLease, _ call: VaultCall) async throws(VaultFailure) -> Bool {
        try await lookUp(lease.token, lease.trust, call).status == 200
    }

    private func lookUp(
        _ token: SecretBytes, _ trust: ServerTrust, _ call: VaultCall
    ) async throws(VaultFailure) -> VaultAnswer {
        let request = HashiCorpRequest(
            method: "GET", path: ["auth", "token", "lookup-self"], timeout: HashiCorpLogin.timeout)
        return try await client.send(request, token: token, trust: trust, deadline: call.deadline)
    }

    private func drop(_ lease: HashiCorpLease, _ call: VaultCall) async {
        // Others may have a new one already.
        guard current?.lease.token === lease.token else { return }
        current = nil
        tokens.drop(revision: call.credential.revision)
    }

    private func revoke(_ lease: HashiCorpLease) async {
        guard lease.isOurs else { return }
        let request = HashiCorpRequest(
            method: "POST", path: ["auth", "token", "revoke-self"], timeout: .seconds(2), mayRepeat: false)
        // It ends by itself if that fails.
        _ = try? await client.send(request, token: lease.token, trust: lease.trust, deadline: .now + .seconds(2))
    }

    // MARK: New tokens

    private func newLease(_ call: VaultCall) async throws(VaultFailure) -> HashiCorpLease {
        switch login.method {
        case .token: return try await found(try await call.credential.read(), call)
        case .tokenFile(let path): return try await found(try CredentialFile.read(path, in: pool), call)
        case .appRole(_, .none): return try await loggedIn(with: nil, trust, call)
        case .appRole(_, .credential): return try await loggedIn(with: call.credential.read(), trust, call)
        case .appRole(_, .wrapped): return try await loggedIn(with: unwrap(call), trust, call)
        case .kubernetes(_, let path), .webToken(_, let path?):
            return try await loggedIn(with: CredentialFile.read(path, in: pool), trust, call)
        case .webToken(_, nil): return try await loggedIn(with: call.credential.read(), trust, call)
        case .certificate:
            let trust: ServerTrust
            do {
                trust = try ServerTrust(certificates: certificates, identity: try await call.credential.read())
            } catch let problem as LinkProblem {
                throw VaultFailure(.credentialUnreadable, detail: problem.message)
            } catch let failure as VaultFailure {
                throw failure
            } catch {
                throw VaultFailure(.credentialUnreadable)
            }
            return try await loggedIn(with: nil, trust, call)
        }
    }

    /// A token that is there already, with what the vault says of it.
    private func found(_ token: SecretBytes, _ call: VaultCall) async throws(VaultFailure) -> HashiCorpLease {
        let answer = try await lookUp(token, trust, call)
        switch answer.status {
        case 200: return try HashiCorpLease(lookup: answer, token: token, trust: trust, at: clock.now())
        // Not valid, or without the right to ask about itself: the first use tells.
        case 403:
            return HashiCorpLease(
                token: token, trust: trust, seconds: 0, from: clock.now(), isRenewable: false, isOurs: false)
        default: throw HashiCorpRefusal.failure(in: answer)
        }
    }

    private func loggedIn(
        with secret: SecretBytes?, _ trust: ServerTrust, _ call: VaultCall
    ) async throws(VaultFailure) -> HashiCorpLease {
        let request = try login.request(secret: secret, pool: pool)
        let answer = try await client.send(request, token: nil, trust: trust, deadline: call.deadline)
        guard answer.isSuccess else { throw HashiCorpRefusal.login(answer, at: login.mount) }
        return try HashiCorpLease(answer, trust: trust, isOurs: true, at: clock.now(), pool: pool)
    }

    // MARK: Wrapped secret ids

    private func unwrap(_ call: VaultCall) async throws(VaultFailure) -> SecretBytes {
        let revision = call.credential.revision
        if let unwrapped, unwrapped.revision == revision { return unwrapped.secret }
        let wrapping = try await call.credential.read()
        try await checkOrigin(of: wrapping, call)
        let request = HashiCorpRequest(
            method: "POST", path: ["sys", "wrapping", "unwrap"], timeout: HashiCorpLogin.timeout, mayRepeat: false)
        let answer = try await client.send(request, token: wrapping, trust: trust, deadline: call.deadline)
        guard answer.isSuccess else { throw Self.usedBefore }
        let secret = try answer.reading { fields, bytes in
            fields.fields("data", in: bytes)?.secret("secret_id", in: bytes, pool: pool)
        }
        unwrapped = (revision, secret)
        return secret
    }

    /// Looks up what a wrapping token holds, before it is used up: somebody may have put another one in its place.
    private func checkOrigin(of wrapping: SecretBytes, _ call: VaultCall) async throws(VaultFailure) {
        guard wrapping.withBytes({ UTF8Sequence.isValid($0) }) else {
            throw VaultFailure(.credentialUnreadable, detail: "the credential is not a text")
        }
        var body = SecretBuffer(in: pool)
        body.append(text: "{")
        body.member("token", wrapping)
        body.append(text: "}")
        let request = HashiCorpRequest(
            method: "POST", path: ["sys", "wrapping", "lookup"], body: body.finish(), timeout: HashiCorpLogin.timeout)
        let answer = try await client.send(request, token: nil, trust: trust, deadline: call.deadline)
        guard answer.isSuccess else { throw Self.usedBefore }
        let path = try answer.reading { fields, bytes in
            fields.fields("data", in: bytes)?.text("creation_path", in: bytes)
        }
        let isSecretID = path.hasSuffix("/secret-id") || path.hasSuffix("/custom-secret-id")
        guard path.hasPrefix("auth/\(login.mount)/role/"), isSecretID else {
            throw VaultFailure(
                .untrusted, detail: "the wrapping token does not hold a secret id that auth/\(login.mount) made")
        }
    }

    private static let usedBefore = VaultFailure(
        .credentialRejected,
        detail:
            "the wrapping token was used before, or its time is over; if it was not used by this link, somebody else may "
            + "have read the secret id: revoke it")
}
