internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// AWS' `credential_process`: the program's last argument is the name, and it writes a JSON object of version 1. That object
/// is the value; the option `field` takes one of its fields, such as `#/SecretAccessKey`.
struct AWSProgram: ProgramDialect {
    let capabilities = VaultCapabilities(
        canPut: false, canDelete: false, canList: false, largestValue: ProgramSession.largestValue)
    let nameRules = NameRules(punctuation: "-._@/+=:", longest: 512)

    func get(_ name: String, _ program: ProgramSession) async throws(VaultFailure) -> VaultSecret {
        let run = try await program.run([name])
        // The protocol has no other way to say so.
        if case .exited(let status) = run.end, status != 0 {
            throw VaultFailure(.notFound, detail: "the program ended with exit status \(status)")
        }
        try run.checkEnd()
        let expiration = try run.output.readingJSON { answer, bytes throws(VaultFailure) -> Timestamp?? in
            guard answer.integer("Version", in: bytes) == 1, answer["AccessKeyId"] != nil,
                answer["SecretAccessKey"] != nil
            else { return nil }
            return .some(
                answer.text("Expiration", in: bytes).flatMap { TimeText.timestamp($0, now: Timestamp(rawValue: 0)) })
        }
        guard let expiration else { throw ProgramRun.notUnderstood }
        return VaultSecret(value: try program.value(run.output), expires: expiration)
    }
}

/// Google's protocol for executables that give tokens of a workload: it is told in its environment what the token is for.
/// A name is the audience, and the token is the value.
struct GoogleProgram: ProgramDialect {
    private static let idToken = "urn:ietf:params:oauth:token-type:id_token"
    private static let webToken = "urn:ietf:params:oauth:token-type:jwt"
    private static let assertion = "urn:ietf:params:oauth:token-type:saml2"

    let capabilities = VaultCapabilities(
        canPut: false, canDelete: false, canList: false, largestValue: ProgramSession.largestValue)
    let nameRules = NameRules(punctuation: "-._@/+=:", longest: 512)

    func get(_ name: String, _ program: ProgramSession) async throws(VaultFailure) -> VaultSecret {
        let variables = [
            "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1",
            "GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE": name,
            "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE": Self.idToken,
            "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE": "0",
        ]
        let run = try await program.run([], variables: variables)
        let secret = try run.output.readingJSON { answer, bytes throws(VaultFailure) -> VaultSecret? in
            guard answer.integer("version", in: bytes) == 1 else { return nil }
            if answer["success"]?.kind == .boolean(false) { throw VaultFailure(.notFound) }
            guard answer.isTrue("success"), let type = answer.text("token_type", in: bytes) else { return nil }
            try run.checkEnd()
            let field: String
            switch type {
            case Self.idToken, Self.webToken: field = "id_token"
            case Self.assertion: field = "saml_response"
            default: return nil
            }
            guard let token = answer.secret(field, in: bytes, pool: program.pool) else { return nil }
            let end = answer.integer("expiration_time", in: bytes)
            return VaultSecret(
                value: try program.value(token), expires: end.map { Timestamp(rawValue: $0 &* 1000) })
        }
        if let secret { return secret }
        try run.checkEnd()
        throw ProgramRun.notUnderstood
    }
}
