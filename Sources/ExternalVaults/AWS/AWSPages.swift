/// Reads all pages of a list.
enum AWSPages {
    /// The most pages of one list: more than any account has.
    private static let most = 20_000

    /// Calls `page` with the token of each page until there is no next one. A page may be empty and have a next one. When a
    /// token is not valid any more, all begins anew, once.
    ///
    /// - Throws: ``VaultFailure``; `notUnderstood` when a token comes again, since that would never end.
    static func collect<Element: Sendable>(
        _ page: (String?) async throws(VaultFailure) -> (elements: [Element], next: String?)
    ) async throws(VaultFailure) -> [Element] {
        do {
            return try await collectOnce(page)
        } catch {
            guard error.reason == .conflict else { throw error }
            return try await collectOnce(page)
        }
    }

    private static func collectOnce<Element: Sendable>(
        _ page: (String?) async throws(VaultFailure) -> (elements: [Element], next: String?)
    ) async throws(VaultFailure) -> [Element] {
        var all: [Element] = []
        var seen: Set<String> = []
        var token: String?
        for _ in 0..<most {
            let (elements, next) = try await page(token)
            all += elements
            guard let next, !next.isEmpty else { return all }
            guard seen.insert(next).inserted else { break }
            token = next
        }
        throw VaultFailure(.notUnderstood, detail: "the pages of its list do not come to an end")
    }
}
