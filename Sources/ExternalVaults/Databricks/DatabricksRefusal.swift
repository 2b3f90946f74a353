internal import SecretMemory

/// What a workspace's refusals mean.
enum DatabricksRefusal {
    /// What is wrong with an answer; `nil` for success.
    ///
    /// - Parameter isChange: Whether something was to be put or deleted.
    static func failure(in answer: VaultAnswer, isChange: Bool = false) -> VaultFailure? {
        guard !answer.isSuccess else { return nil }
        let (code, isBlocked) = told(by: answer)
        switch (answer.status, code) {
        case (300...399, _): return VaultFailure(.untrusted, detail: "it sends requests elsewhere")
        case (401, _): return VaultFailure(.credentialRejected, detail: "the workspace answers with status 401")
        case (403, _) where isBlocked:
            return VaultFailure(.networkDenied, detail: "the workspace's IP access list does not let this machine in")
        case (403, _): return VaultFailure(.denied)
        case (404, "RESOURCE_DOES_NOT_EXIST"): return VaultFailure(.notFound)
        case (404, _): return VaultFailure(.refused, detail: "there is no Secrets API at the address (status 404)")
        case (409, "RESOURCE_CONFLICT"): return VaultFailure(.deletedRecoverably)
        case (409, _): return VaultFailure(.conflict)
        case (429, _): return VaultFailure(.throttled, detail: "status 429")
        case (504, _): return VaultFailure(.deadlinePassed, detail: "status 504")
        case (500, "DATA_LOSS"): return VaultFailure(.checksumMismatch, detail: "the workspace tells of DATA_LOSS")
        case (500...599, _): return VaultFailure(.unreachable, detail: "it answers with status \(answer.status)")
        case (400, "RESOURCE_LIMIT_EXCEEDED"): return VaultFailure(.full)
        case (400, "INVALID_PARAMETER_VALUE"):
            return VaultFailure(.unacceptable, detail: "the workspace answers INVALID_PARAMETER_VALUE")
        case (400, "INVALID_STATE"): return VaultFailure(.disabled)
        case (400, "BAD_REQUEST"):
            return isChange
                ? VaultFailure(
                    .readOnly, detail: "BAD_REQUEST: the values of the scope there are in a vault that is only read")
                : VaultFailure(
                    .refused, detail: "BAD_REQUEST: some workspaces let secrets be read in their own clusters only")
        default: return VaultFailure(.refused, detail: "it answers with status \(answer.status)")
        }
    }

    /// The error's code, and whether its message is the one of an IP access list.
    private static func told(by answer: VaultAnswer) -> (code: String, isBlocked: Bool) {
        let told = try? answer.body.readingJSON { fields, bytes in
            (
                fields.text("error_code", in: bytes) ?? "",
                fields.text("message", in: bytes)?.contains("IP ACL") ?? false
            )
        }
        return told ?? ("", false)
    }
}
