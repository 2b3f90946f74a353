/// The names of parameters in AWS' Parameter Store: words, and `/` between them.
enum ParameterName {
    /// How many levels a name has at most.
    static let deepest = 15
    /// With what an ARN puts before it, a name has at most 1011 characters: 75 are enough for that in every region.
    private static let longest = 1011 - 75

    static let rules = NameRules(
        punctuation: "_.-", longest: longest, reservedBeginnings: ["aws", "ssm"])

    /// Whether a character can stand between two `/`.
    static func accepts(_ byte: UInt8) -> Bool {
        (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte || "_.-".utf8.contains(byte)
    }

    /// Whether names that begin so are those of AWS.
    static func isReserved(_ name: some StringProtocol) -> Bool {
        ["aws", "ssm"].contains { name.lowercased().hasPrefix($0) }
    }

    /// - Throws: ``VaultFailure`` with `unacceptable` for what cannot be the name of a parameter.
    static func check(_ name: String) throws(VaultFailure) {
        let levels = name.split(separator: "/", omittingEmptySubsequences: false)
        let words = name.hasPrefix("/") ? levels.dropFirst() : levels[...]
        guard
            (1...longest).contains(name.utf8.count), (1...deepest).contains(words.count),
            words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(accepts) })
        else {
            throw VaultFailure(
                .unacceptable,
                detail: "names of parameters are letters, digits and _.- in at most \(deepest) levels that / parts")
        }
        guard words.first.map({ !isReserved($0) }) ?? false else {
            throw VaultFailure(.unacceptable, detail: "names of parameters do not begin with aws or ssm")
        }
    }
}
