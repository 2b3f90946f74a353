/// What a profile of the machine's files gives: keys, those that a program writes, or a role that is assumed from another
/// profile or with a token in a file.
struct AWSProfileCredentials: AWSCredentialSource {
    /// The profile.
    let name: String
    let access: AWSAccess
    /// The profiles that led here, of which none may come again.
    private var earlier: Set<String> = []

    init(_ name: String, _ access: AWSAccess) {
        self.name = name
        self.access = access
    }

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        guard let profile = try await access.machine.profiles().profile(name) else {
            throw VaultFailure(
                .credentialUnreadable, detail: "there is no profile \(name) in AWS' files on this machine")
        }
        return try await source(of: profile).fetch(credential)
    }

    /// How a profile gives credentials, in the order of AWS' own tools.
    func source(of profile: AWSProfile) throws(VaultFailure) -> any AWSCredentialSource {
        if let arn = profile.setting("role_arn") {
            let role = try role(arn, profile)
            if let base = try base(of: profile) {
                return AWSAssumedRole(
                    role: role, base: AWSCredentialSession(base, clock: access.context.steadyClock), access: access)
            }
            guard let file = profile.setting("web_identity_token_file") else {
                throw problem("a role_arn, but no source_profile, credential_source or web_identity_token_file")
            }
            return AWSWebIdentity(role: role, tokenFile: file, access: access)
        }
        if profile.keysAreShared, let keys = try profile.keys() { return AWSFixedKeys(keys: keys, access: access) }
        if let command = profile.setting("credential_process") {
            return AWSProgramCredentials(profile: name, command: command, access: access)
        }
        if let keys = try profile.keys() { return AWSFixedKeys(keys: keys, access: access) }
        if profile.setting("sso_session") != nil || profile.setting("sso_start_url") != nil {
            throw problem("a single sign-on session, which needs a person")
        }
        throw problem("no credentials")
    }

    /// Whether a profile assumes a role from other credentials: that comes before a token in a file does.
    static func assumesRole(_ profile: AWSProfile) -> Bool {
        profile.setting("role_arn") != nil
            && (profile.setting("source_profile") != nil || profile.setting("credential_source") != nil)
    }

    private func role(_ arn: String, _ profile: AWSProfile) throws(VaultFailure) -> AWSRole {
        guard profile.setting("mfa_serial") == nil else { throw problem("an mfa_serial, which needs a person") }
        return AWSRole(
            arn: arn, sessionName: profile.setting("role_session_name") ?? AWSRole.usualSessionName,
            externalID: profile.setting("external_id"),
            duration: profile.setting("duration_seconds").flatMap { Int($0) }.map { .seconds($0) })
    }

    /// What a profile's role is assumed with; `nil` when it names nothing.
    private func base(of profile: AWSProfile) throws(VaultFailure) -> (any AWSCredentialSource)? {
        if let source = profile.setting("source_profile") {
            // A profile may assume its role with its own keys.
            if source == name {
                guard let keys = try profile.keys() else { throw problem("itself as its source_profile, but no keys") }
                return AWSFixedKeys(keys: keys, access: access)
            }
            guard !earlier.contains(source) else { throw problem("a source_profile that leads back to it") }
            var next = AWSProfileCredentials(source, access)
            next.earlier = earlier.union([name])
            return next
        }
        switch profile.setting("credential_source")?.lowercased() {
        case nil: return nil
        case "environment": return AWSVariableKeys(access: access)
        case "ecscontainer": return AWSContainerCredentials(access)
        case "ec2instancemetadata": return AWSInstanceMetadata(access: access)
        default: throw problem("a credential_source that is none of Environment, EcsContainer and Ec2InstanceMetadata")
        }
    }

    private func problem(_ text: String) -> VaultFailure {
        VaultFailure(.credentialUnreadable, detail: "the profile \(name) has \(text)")
    }
}

/// Keys that were read already.
struct AWSFixedKeys: AWSCredentialSource {
    let keys: AWSCredentials
    let access: AWSAccess

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        .init(keys, at: access.clock.now())
    }
}

/// The machine's identity, looked for where AWS' own tools look, in their order.
struct AWSAutomaticCredentials: AWSCredentialSource {
    let access: AWSAccess

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        let variables = AWSVariableKeys(access: access)
        if variables.isOffered { return try await variables.fetch(credential) }
        let ofProfile = AWSProfileCredentials(access.machine.usualProfile, access)
        let profile = try await access.machine.profiles().profile(ofProfile.name)
        if let profile, AWSProfileCredentials.assumesRole(profile) {
            return try await ofProfile.source(of: profile).fetch(credential)
        }
        if let token = AWSWebIdentity.ofVariables(access) { return try await token.fetch(credential) }
        if let profile, profile.givesCredentials { return try await ofProfile.source(of: profile).fetch(credential) }
        if profile == nil, access.machine.variable("AWS_PROFILE") != nil {
            return try await ofProfile.fetch(credential)
        }
        let container = AWSContainerCredentials(access)
        if container.isOffered { return try await container.fetch(credential) }
        let instance = AWSInstanceMetadata(access: access)
        guard instance.isOffered else { throw Self.nothing("and its metadata service is turned off") }
        do {
            return try await instance.fetch(credential)
        } catch {
            guard error.reason == .unreachable else { throw error }
            throw Self.nothing("and no metadata service answers")
        }
    }

    private static func nothing(_ last: String) -> VaultFailure {
        VaultFailure(
            .credentialUnreadable,
            detail:
                "this machine has no credentials for AWS: none in variables, in profiles, from a container service, \(last)"
        )
    }
}

extension AWSProfile {
    /// Whether it has anything that leads to credentials; the profile `default` often has a region alone.
    var givesCredentials: Bool {
        ["role_arn", "aws_access_key_id", "credential_process"].contains { setting($0) != nil }
    }
}
