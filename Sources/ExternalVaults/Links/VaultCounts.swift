internal import SecretScopes
internal import Synchronization

/// Counts what is asked of vaults.
final class VaultCounts: Sendable {
    /// What is asked of a vault.
    enum Operation: String, Sendable {
        case get, list, put, delete
    }

    /// Reads that needed no call. They are many, so they do not wait for each other.
    private final class Reads: Sendable {
        let kept = Atomic<Int64>(0)
        let stale = Atomic<Int64>(0)
    }

    private let counted = Mutex(VaultFigures())
    private let reads = VaultKind.allCases.map { (vault: $0, reads: Reads()) }

    /// Everything that was counted.
    var figures: VaultFigures {
        var figures = counted.withLock { $0 }
        for (vault, reads) in reads {
            let (kept, stale) = (reads.kept.load(ordering: .relaxed), reads.stale.load(ordering: .relaxed))
            if kept > 0 { figures.keptValues[vault] = kept }
            if stale > 0 { figures.staleValues[vault] = stale }
        }
        return figures
    }

    /// Makes a call, and counts it by its outcome.
    func counting<Success>(
        _ operation: Operation, of vault: VaultKind, _ call: () async throws(VaultFailure) -> Success
    ) async throws(VaultFailure) -> Success {
        let start = ContinuousClock.now
        do {
            let result = try await call()
            count(operation, of: vault, "ok", since: start)
            return result
        } catch {
            count(operation, of: vault, error.reason.name, since: start)
            throw error
        }
    }

    private func count(
        _ operation: Operation, of vault: VaultKind, _ outcome: String, since start: ContinuousClock.Instant
    ) {
        let time = ContinuousClock.now - start
        let call = VaultFigures.Call(vault: vault, operation: operation.rawValue, outcome: outcome)
        counted.withLock { counted in
            counted.calls[call, default: 0] += 1
            counted.durations[vault, default: DurationHistogram()].add(time)
        }
    }

    /// Counts a read that needed no call.
    func countKeptValue(of vault: VaultKind, isStale: Bool) {
        guard let counts = reads.first(where: { $0.vault == vault })?.reads else { return }
        if isStale {
            counts.stale.add(1, ordering: .relaxed)
        } else {
            counts.kept.add(1, ordering: .relaxed)
        }
    }
}

extension VaultFailure.Reason {
    /// The name that metrics have for it.
    var name: String {
        switch self {
        case .unreachable: "unreachable"
        case .deadlinePassed: "deadline_passed"
        case .untrusted: "untrusted"
        case .credentialRejected: "credential_rejected"
        case .credentialUnreadable: "credential_unreadable"
        case .denied: "denied"
        case .networkDenied: "network_denied"
        case .throttled: "throttled"
        case .notFound: "not_found"
        case .deletedRecoverably: "deleted_recoverably"
        case .disabled: "disabled"
        case .destroyed: "destroyed"
        case .expired: "expired"
        case .checksumMismatch: "checksum_mismatch"
        case .keyUnavailable: "key_unavailable"
        case .unacceptable: "unacceptable"
        case .refused: "refused"
        case .notUnderstood: "not_understood"
        case .readOnly: "read_only"
        case .conflict: "conflict"
        case .full: "full"
        }
    }
}
