/// What the answers of Key Vault mean, by their status and by their inner code.
enum KeyVaultFailure {
    /// The inner codes that say more than the status.
    private static let known: Set<String> = [
        "AccessDenied", "ForbiddenByPolicy", "ForbiddenByRbac", "ForbiddenByFirewall", "ForbiddenByConnection",
        "SecretDisabled", "SecretNotFound", "BadParameter", "ObjectIsDeletedButRecoverable", "ObjectIsBeingDeleted",
        "ObjectIsBeingRecovered", "Throttled",
    ]

    /// The failure that an answer tells of; `nil` for success and for 401, which has its own way.
    static func failure(in answer: VaultAnswer) -> VaultFailure? {
        guard !answer.isSuccess, answer.status != 401 else { return nil }
        let code = code(in: answer)
        switch answer.status {
        case 300...399: return VaultFailure(.untrusted, detail: "it answers with a redirect, which is not followed")
        case 403: return forbidden(code)
        case 404: return VaultFailure(.notFound, detail: code)
        case 400, 413: return VaultFailure(.unacceptable, detail: code)
        case 409:
            switch code {
            case "ObjectIsDeletedButRecoverable":
                return VaultFailure(
                    .deletedRecoverably, detail: "it is deleted, and its name taken until it is recovered or purged")
            case "ObjectIsBeingDeleted", "ObjectIsBeingRecovered":
                return VaultFailure(.conflict, detail: "its deletion or recovery is not done yet; try again soon")
            default: return VaultFailure(.conflict, detail: code)
            }
        case 429: return VaultFailure(.throttled)
        case 408, 500...599: return VaultFailure(.unreachable, detail: "it answers with status \(answer.status)")
        default: return VaultFailure(.refused, detail: "it answers with status \(answer.status)")
        }
    }

    private static func forbidden(_ code: String?) -> VaultFailure {
        switch code {
        case "SecretDisabled": VaultFailure(.disabled, detail: "the secret, or its latest version, is disabled")
        case "ForbiddenByFirewall", "ForbiddenByConnection":
            VaultFailure(
                .networkDenied, detail: "the vault's firewall or network rules refuse this machine (\(code ?? ""))")
        default:
            VaultFailure(
                .denied,
                detail:
                    "the link's identity needs the role Key Vault Secrets User, or Officer to write, or an access policy; "
                    + "a role that was just given counts after some minutes" + (code.map { " (\($0))" } ?? ""))
        }
    }

    /// The innermost code of the answer, if it is a known one.
    private static func code(in answer: VaultAnswer) -> String? {
        let found = try? answer.body.readingJSON { fields, bytes -> String? in
            guard let error = fields.fields("error", in: bytes) else { return nil }
            return error.fields("innererror", in: bytes)?.text("code", in: bytes) ?? error.text("code", in: bytes)
        }
        return found.flatMap { known.contains($0) ? $0 : nil }
    }
}
