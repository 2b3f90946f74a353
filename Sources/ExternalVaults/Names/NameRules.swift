/// Which names a vault accepts, and how others are written there when a link asks for that.
package struct NameRules: Sendable, Hashable {
    /// The punctuation that the vault accepts beside letters and digits.
    package var punctuation: String
    /// The longest name, with the prefix.
    package var longest: Int
    /// Whether the vault tells `A` and `a` apart.
    package var isCaseSensitive: Bool
    /// What leads an escape: `-` for Azure, `_` for others.
    package var escapeLead: Character
    /// Whether a `.` at the end must be escaped.
    package var refusesTrailingPeriod: Bool
    /// Beginnings that no name may have, in any case.
    package var reservedBeginnings: [String]

    package init(
        punctuation: String, longest: Int, isCaseSensitive: Bool = true, escapeLead: Character = "_",
        refusesTrailingPeriod: Bool = false, reservedBeginnings: [String] = []
    ) {
        self.punctuation = punctuation
        self.longest = longest
        self.isCaseSensitive = isCaseSensitive
        self.escapeLead = escapeLead
        self.refusesTrailingPeriod = refusesTrailingPeriod
        self.reservedBeginnings = reservedBeginnings
    }
}
