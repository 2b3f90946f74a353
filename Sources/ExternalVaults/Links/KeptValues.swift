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
        var secret: LinkedSecret
        var end: ContinuousClock.Instant
        var staleEnd: ContinuousClock.Instant
    }

    private static let most = 1000

    private let lifetime: Duration
    private let staleFor: Duration
    private let kept = Mutex<[Place: Kept]>([:])

    /// - Parameters:
    ///   - lifetime: How long a value may be served without asking the vault.
    ///   - staleFor: How long after that it may be served when the vault cannot be reached.
    init(lifetime: Duration, staleFor: Duration) {
        self.lifetime = lifetime
        self.staleFor = staleFor
    }

    /// A value that is young enough not to ask the vault.
    func fresh(_ place: Place) -> LinkedSecret? {
        guard lifetime > .zero else { return nil }
        return kept.withLock { $0[place] }.flatMap { $0.end > .now ? $0.secret : nil }
    }

    /// A value that may be served because the vault cannot be reached.
    func stale(_ place: Place) -> LinkedSecret? {
        guard staleFor > .zero else { return nil }
        return kept.withLock { $0[place] }.flatMap { $0.staleEnd > .now && !$0.secret.isExpired ? $0.secret : nil }
    }

    /// Keeps a value as long as the link allows.
    func keep(_ secret: LinkedSecret, at place: Place) {
        guard lifetime + staleFor > .zero else { return }
        let end = ContinuousClock.now + lifetime
        kept.withLock { kept in
            if kept.count >= Self.most, kept[place] == nil {
                let oldest = kept.min { $0.value.staleEnd < $1.value.staleEnd }
                if let oldest { kept.removeValue(forKey: oldest.key) }
            }
            kept[place] = Kept(secret: secret, end: end, staleEnd: end + staleFor)
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
