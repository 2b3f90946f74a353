/// Which uses of credentials the store knows of, so that each credential's is written once a day.
///
/// That a credential was used grants nothing and stands in the audit record anyway; it is written beside the first event
/// of the day, in the same transaction, and advances no generation. Only the committer's thread touches it.
struct CredentialUses {
    /// The most credentials that are remembered; one that was forgotten is written once more, to no effect.
    private static let most = 10_000
    private static let day: Int64 = 86_400_000

    private var known: [CredentialID: Timestamp] = [:]

    /// The day of `time`, in coordinated universal time, by its first moment.
    static func day(of time: Timestamp) -> Timestamp {
        Timestamp(rawValue: time.rawValue - time.rawValue % day)
    }

    /// Whether the store knows that the credential was used on that day, or later.
    func contains(_ credential: CredentialID, on day: Timestamp) -> Bool {
        known[credential].map { $0 >= day } ?? false
    }

    /// Remembers what a transaction that was committed has written.
    mutating func insert(_ credentials: Set<CredentialID>, on day: Timestamp) {
        if known.count + credentials.count > Self.most { known.removeAll() }
        for credential in credentials { known[credential] = day }
    }
}
