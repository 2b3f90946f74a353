/// Why a vault gave no answer, or not the wanted one: one case for each condition that callers must tell apart.
package struct VaultFailure: Error, Sendable, Hashable {
    /// The conditions.
    package enum Reason: Sendable, Hashable, CaseIterable {
        /// It cannot be reached, or fails again and again: no name, no connection, an end in the middle, a 5xx.
        case unreachable
        /// The caller's patience, or that of the link, is over.
        case deadlinePassed
        /// It is not whom it should be: its certificate, the target of a redirect, the audience that it asks a token for, the
        /// address behind its name, the owner of a program's file.
        case untrusted
        /// It does not accept the link's credential, also a refreshed one.
        case credentialRejected
        /// The link's credential cannot be read: it is gone, or the link's owner may not read it any more.
        case credentialUnreadable
        /// The link's credential may not read this secret.
        case denied
        /// The vault's firewall or a network rule does not let this machine in.
        case networkDenied
        /// It is asked too often.
        case throttled
        /// There is no such secret, or no such version.
        case notFound
        /// The secret is deleted, and can be restored in the vault.
        case deletedRecoverably
        /// The version is disabled.
        case disabled
        /// The version's value was destroyed.
        case destroyed
        /// The vault's time for it is over, or did not begin yet.
        case expired
        /// The value does not fit its checksum.
        case checksumMismatch
        /// The vault cannot decrypt it: its key is disabled, gone or out of reach.
        case keyUnavailable
        /// The vault cannot hold such a name or such a value.
        case unacceptable
        /// Any other refusal.
        case refused
        /// An answer that is not what such answers look like.
        case notUnderstood
        /// The link or the vault does not let anything be written.
        case readOnly
        /// Somebody else wrote at the same time.
        case conflict
        /// The vault is full.
        case full
    }

    /// The condition.
    package var reason: Reason
    /// What more is to be said, in words of our own or of a fixed list; never a text that came from the vault.
    package var detail: String?
    /// When the vault says that asking again makes sense.
    package var retryAfter: Duration?

    package init(_ reason: Reason, detail: String? = nil, retryAfter: Duration? = nil) {
        self.reason = reason
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// Whether a value that was read before may be served instead, where the link allows that.
    package var allowsStaleValue: Bool {
        switch reason {
        case .unreachable, .deadlinePassed, .throttled, .checksumMismatch: true
        default: false
        }
    }

    /// Whether the same request may succeed when it is sent again soon.
    package var isTransient: Bool {
        reason == .unreachable || reason == .throttled
    }

    /// Whether what was kept of this secret must be forgotten.
    package var dropsCachedValue: Bool {
        switch reason {
        case .denied, .notFound, .deletedRecoverably, .disabled, .destroyed, .untrusted, .credentialRejected,
            .credentialUnreadable:
            true
        default: false
        }
    }
}
