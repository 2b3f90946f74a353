internal import SecretScopes
internal import Synchronization

/// The values of one linked scope that are kept in memory, as far as its link allows: by default none.
final class KeptValues: Sendable {
    /// Which value it is. A link's credential may see others than the one before it did.
    struct Place: Hashable, Sendable {
        var key: String
        var credential: VersionID?
    }

    private struct Kept {
        /// `nil` when it is known that there is none.
        var secret: LinkedSecret?
        var end: ContinuousClock.Instant
        var staleEnd: ContinuousClock.Instant
    }

    private static let most = 1000
    /// How long it counts at most that there is no such secret: somebody may be about to put it.
    private static let longestAbsence = Duration.seconds(10)

    private let lifetime: Duration
    private let staleFor: Duration
    private let clock: any SteadyClock
    private let kept = Mutex<[Place: Kept]>([:])

    /// - Parameters:
    ///   - lifetime: How long a value may be served without asking the vault.
    ///   - staleFor: How long after that it may be served when the vault cannot be reached.
    init(lifetime: Duration, staleFor: Duration, clock: any SteadyClock) {
        self.lifetime = lifetime
        self.staleFor = staleFor
        self.clock = clock
    }

    /// A value that is young enough not to ask the vault.
    ///
    /// - Throws: ``VaultFailure`` with `notFound` when the vault said a moment ago that there is none.
    func fresh(_ place: Place) throws(VaultFailure) -> LinkedSecret? {
        guard lifetime > .zero, let known = kept.withLock({ $0[place] }), known.end > clock.now() else { return nil }
        guard let secret = known.secret else { throw VaultFailure(.notFound) }
        return secret
    }

    /// A value that may be served because the vault cannot be reached.
    func stale(_ place: Place) -> LinkedSecret? {
        guard staleFor > .zero, let known = kept.withLock({ $0[place] }), let secret = known.secret else { return nil }
        return known.staleEnd > clock.now() && !secret.isExpired ? secret : nil
    }

    /// Keeps a value as long as the link allows.
    func keep(_ secret: LinkedSecret, at place: Place) {
        guard lifetime + staleFor > .zero else { return }
        let end = clock.now() + lifetime
        keep(Kept(secret: secret, end: end, staleEnd: end + staleFor), at: place)
    }

    /// Keeps that there is no such secret, for a moment, where the link lets values be kept.
    func keepAbsence(at place: Place) {
        guard lifetime > .zero else { return drop(place) }
        let end = clock.now() + min(lifetime, Self.longestAbsence)
        keep(Kept(secret: nil, end: end, staleEnd: end), at: place)
    }

    private func keep(_ new: Kept, at place: Place) {
        kept.withLock { kept in
            if kept.count >= Self.most, kept[place] == nil {
                let oldest = kept.min { $0.value.staleEnd < $1.value.staleEnd }
                if let oldest { kept.removeValue(forKey: oldest.key) }
            }
            kept[place] = new
        }
    }

    /// Forgets a value.
    func drop(_ place: Place) {
        _ = kept.withLock { $0.removeValue(forKey: place) }
    }

    /// Forgets the value of a key in whatever spelling.
    func drop(_ foldedKey: String) {
        kept.withLock { kept in
            for place in kept.keys where place.key.lowercased() == foldedKey { kept.removeValue(forKey: place) }
        }
    }
}
