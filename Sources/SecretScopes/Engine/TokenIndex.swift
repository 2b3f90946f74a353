/// Which tokens there are, so far as it takes to say that one is not among them: the first eight bytes of each hash.
///
/// A request with a wrong token is refused by it from memory, just as one with a right token is let in. So strangers do
/// not learn anything from how long that takes, and cannot keep the store busy.
struct TokenIndex: Sendable {
    /// What the index says of a token.
    enum Finding {
        /// There is none with that hash.
        case absent
        /// There may be one, or not everything is known yet.
        case uncertain
    }

    /// The most tokens that are kept in mind; of more of them nothing is known here.
    static let mostTokens = 200_000
    /// The most credentials that are looked up one by one before everything is read again.
    private static let mostChanges = 1000

    private enum Content {
        /// Nothing was read yet.
        case none
        /// Every token is there but those of `changed`.
        case all
        /// There are too many to keep.
        case tooMany
    }

    private var content = Content.none
    private var prefixes: Set<UInt64> = []
    /// Credentials that may have come since it was filled. Those that went stay in it until it is filled anew.
    private(set) var changed: Set<CredentialID> = []

    /// Whether all tokens have to be read, and not only those of ``changed``.
    var needsFilling: Bool { content == .none }

    func find(_ tokenHash: [UInt8]) -> Finding {
        let isPresent = prefixes.contains(Self.prefix(of: tokenHash))
        return content == .all && changed.isEmpty && !isPresent ? .absent : .uncertain
    }

    /// Takes all tokens in.
    mutating func fill(_ hashes: [[UInt8]]) {
        self = TokenIndex()
        content = hashes.count <= Self.mostTokens ? .all : .tooMany
        if content == .all { prefixes = Set(hashes.map(Self.prefix)) }
    }

    /// Takes in the tokens of credentials that changed.
    mutating func add(_ hashes: [[UInt8]], of credentials: Set<CredentialID>) {
        prefixes.formUnion(hashes.map(Self.prefix))
        changed.subtract(credentials)
        if prefixes.count > Self.mostTokens { self = TokenIndex() }
    }

    /// Notes that a credential was made, changed or deleted.
    ///
    /// - Parameter tokenHash: Its hash until then, if that is known.
    mutating func credentialDidChange(_ id: CredentialID, tokenHash: [UInt8]?) {
        guard content == .all else { return }
        if let tokenHash { prefixes.remove(Self.prefix(of: tokenHash)) }
        changed.insert(id)
        if changed.count > Self.mostChanges { self = TokenIndex() }
    }

    private static func prefix(of hash: [UInt8]) -> UInt64 {
        hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
