internal import SecretScopes

/// Says what a vault's failure means to whoever called, in the words of the services.
struct LinkFailure {
    let kind: VaultKind
    let address: String
    /// The scope that is linked; `nil` when the vault is asked for its own sake.
    let scope: ScopeName?
    let key: SecretName?

    /// What was being done.
    enum Action {
        case read, list, put, delete
    }

    /// The error for a failure. The codes are those of Databricks for Key Vault, and for other vaults their likes.
    func error(_ failure: VaultFailure, during action: Action) -> ScopeError {
        let code = Self.code(failure.reason, kind, action)
        return ScopeError(code, message(failure, action), retryAfter: failure.retryAfter)
    }

    private static func code(_ reason: VaultFailure.Reason, _ kind: VaultKind, _ action: Action) -> ScopeError.Code {
        switch reason {
        case .unreachable: .temporarilyUnavailable
        case .deadlinePassed: .deadlineExceeded
        case .untrusted, .credentialUnreadable, .denied, .networkDenied: .permissionDenied
        // Databricks: any other 4xx of a Key Vault, its 401 among them, is a malformed request.
        case .credentialRejected: kind == .azureKeyVault ? .malformedRequest : .permissionDenied
        case .throttled: .requestLimitExceeded
        case .notFound, .destroyed: .resourceDoesNotExist
        case .deletedRecoverably: action == .put ? .resourceConflict : .resourceDoesNotExist
        case .disabled: kind == .azureKeyVault ? .permissionDenied : .invalidState
        case .expired, .keyUnavailable, .notUnderstood: .invalidState
        case .checksumMismatch: .dataLoss
        case .unacceptable: .invalidParameterValue
        case .refused: .malformedRequest
        case .readOnly: .badRequest
        case .conflict: .aborted
        case .full: .resourceLimitExceeded
        }
    }

    private func message(_ failure: VaultFailure, _ action: Action) -> String {
        let vault = "The \(kind.title) \(address)" + (scope.map { " of scope \($0)" } ?? "")
        let detail = failure.detail.map { " (\($0))" } ?? ""
        switch failure.reason {
        case .unreachable:
            return "\(vault) cannot be reached\(detail). Check the address, the network and that it runs"
                + (scope.map { "; see `hush scopes check \($0)`." } ?? ".")
        case .deadlinePassed:
            return "\(vault) did not answer in time\(detail). Try again, or give the link a longer timeout."
        case .untrusted:
            return "\(vault) is not trusted\(detail). Nothing was sent to it; check the address and the option ca-file."
        case .credentialRejected:
            guard scope != nil else { return "\(vault) rejected the credential\(detail). Renew it." }
            return "\(vault) rejected the scope credentials\(detail). Renew the link's credential."
        case .credentialUnreadable:
            guard let scope else { return "The credential for the \(kind.title) \(address) cannot be used\(detail)." }
            return "The credential of scope \(scope)'s link cannot be used\(detail)."
        case .denied:
            if kind == .azureKeyVault { return "Invalid permissions on the specified KeyVault \(address)\(detail)." }
            return
                "\(vault) does not let the \(scope == nil ? "" : "link's ")credential \(Self.verb(action))\(subject)\(detail). Grant it that there."
        case .networkDenied:
            return "\(vault) is closed to this machine by a network rule\(detail). Open its firewall for it."
        case .throttled: return "\(vault) is asked too often\(detail). Try again later, or give the link a cache."
        case .notFound:
            return action == .list
                ? "\(vault) does not exist\(detail). Check the address."
                : absent
        case .deletedRecoverably:
            return action == .put
                ? "\(vault) keeps the deleted\(subject)\(detail). Restore it there, or wait until it is gone."
                : "\(absent). It was deleted in the vault and can be restored there."
        case .destroyed:
            return "\(absent). Its version was destroyed in the vault."
        case .disabled: return "\(vault) has\(subject) disabled\(detail). Enable the version there."
        case .expired: return "\(vault) says that the time of\(subject) is over\(detail). Put a new value there."
        case .checksumMismatch: return "\(vault) gave a value of\(subject) that does not fit its checksum\(detail)."
        case .keyUnavailable: return "\(vault) cannot decrypt\(subject)\(detail). Look at its encryption key."
        case .unacceptable:
            return "\(vault) cannot have\(subject): \(failure.detail ?? "its name or value is not accepted there")."
        case .refused: return "\(vault) refused the request\(detail)."
        case .notUnderstood: return "\(vault) sent an answer that is not understood\(detail). Check the address."
        case .readOnly:
            return failure.detail.map { "\(vault) lets nothing be written (\($0))." } ?? readOnly(action)
        case .conflict:
            return "Somebody else wrote to\(subject) in \(kind.title) \(address) at the same time\(detail). Try again."
        case .full: return "\(vault) is full\(detail). Make room there."
        }
    }

    /// What is said of a secret that is not there.
    private var absent: String {
        guard let scope else { return "The \(kind.title) \(address) has no secret \(key?.rawValue ?? "")" }
        return "Secret does not exist with scope: \(scope) and key: \(key?.rawValue ?? "")"
    }

    /// The beginning of the first two is what Databricks' installers look for.
    private func readOnly(_ action: Action) -> String {
        guard let scope else { return "The \(kind.title) \(address) lets nothing be written." }
        let remedy = "An administrator can link it with the option writable=true."
        switch (action, kind) {
        case (.delete, .azureKeyVault):
            return "Cannot delete secrets from Azure KeyVault-backed scope \(scope). \(remedy)"
        case (_, .azureKeyVault): return "Cannot write secrets to Azure KeyVault-backed scope \(scope). \(remedy)"
        case (.delete, _):
            return "Cannot delete secrets from scope \(scope), which is linked to a \(kind.title). \(remedy)"
        default: return "Cannot write secrets to scope \(scope), which is linked to a \(kind.title). \(remedy)"
        }
    }

    private var subject: String { key.map { " key \($0)" } ?? "" }

    private static func verb(_ action: Action) -> String {
        switch action {
        case .read: "read"
        case .list: "list names"
        case .put: "write"
        case .delete: "delete"
        }
    }
}
