internal import SecretMemory

/// What a vault's refusals mean.
enum HashiCorpRefusal {
    /// What is wrong with the vault itself, whatever it was asked; `nil` for an answer that is for whoever asked.
    static func trouble(in answer: VaultAnswer) -> VaultFailure? {
        switch answer.status {
        case 412: VaultFailure(.unreachable, detail: "the node that answers is behind the others (status 412)")
        case 429: VaultFailure(.throttled, detail: "a quota of the vault is used up (status 429)")
        case 472, 473:
            VaultFailure(.unreachable, detail: "the node that answers is a secondary one (status \(answer.status))")
        case 501: VaultFailure(.unreachable, detail: "it is not initialised (status 501)")
        case 503: VaultFailure(.unreachable, detail: "it is sealed or in maintenance (status 503)")
        case 507: VaultFailure(.full)
        case 500...599: VaultFailure(.unreachable, detail: "it answers with status \(answer.status)")
        default: nil
        }
    }

    /// What an answer means that is not of success. A 403 was looked into before.
    static func failure(in answer: VaultAnswer) -> VaultFailure {
        switch answer.status {
        case 400:
            if says("check-and-set parameter did not match", answer) { return VaultFailure(.conflict) }
            if says("check-and-set parameter required", answer) {
                return VaultFailure(.refused, detail: "the engine wants a version with each write")
            }
            return VaultFailure(.unacceptable, detail: "the vault answers with status 400")
        case 403: return VaultFailure(.denied)
        case 404: return VaultFailure(.notFound)
        case 405: return VaultFailure(.refused, detail: "the engine does not support the operation (status 405)")
        case 413: return VaultFailure(.unacceptable, detail: "the value is too large for the vault (status 413)")
        default: return VaultFailure(.refused, detail: "it answers with status \(answer.status)")
        }
    }

    /// What a refused login means.
    static func login(_ answer: VaultAnswer, at mount: String) -> VaultFailure {
        answer.status == 404
            ? VaultFailure(.credentialRejected, detail: "there is no way to authenticate mounted at auth/\(mount)")
            : VaultFailure(
                .credentialRejected, detail: "the login at auth/\(mount) is refused with status \(answer.status)")
    }

    /// Whether one of an answer's errors or warnings holds some words.
    static func says(_ words: String, _ answer: VaultAnswer) -> Bool {
        let found = try? answer.body.readingJSON { fields, bytes -> Bool? in
            let texts = (fields.elements("errors", in: bytes) ?? []) + (fields.elements("warnings", in: bytes) ?? [])
            return texts.contains { $0.text(in: bytes)?.contains(words) ?? false }
        }
        return found == true
    }
}
