import SecretCrypto
import SecretMemory
import SecretScopes

/// Secrets on their way from one place to another.
///
/// What is in the way is found before anything is written. What is there already and is equal is left alone, so that one
/// that was interrupted is finished by doing it again.
struct Transfer {
    /// One secret.
    struct Item {
        enum State {
            /// There is none of that name.
            case new
            /// It is there with the same value.
            case equal
            /// It is there with another value, or one that must not be read.
            case differs
        }

        /// The name where it comes from.
        let source: String
        /// The name where it goes to.
        let target: String
        var state: State
        /// The value, if it was read for comparison and is needed yet.
        var value: SecretBytes?

        /// The name, and the other one if it is another.
        var name: String { source == target ? source : "\(source) -> \(target)" }
    }

    let source: any TransferSource
    let target: any TransferTarget
    let mapping: NameMapping
    /// The only ones to move; all when there are none.
    let only: [String]
    let overwrites: Bool
    /// Shows how far it has come.
    let progress: TransferProgress

    // MARK: Looking

    /// What there is to do, in the order of the source.
    ///
    /// - Throws: ``CommandFailure`` that names everything that is in the way.
    func items() async throws -> [Item] {
        try target.check()
        let names = try await namesOfSource()
        var items = names.map { Item(source: $0, target: mapping.name(of: $0), state: .new) }
        var problems = mapping.problems(with: names)
        for item in items {
            if let problem = try target.problem(with: item.target) { problems.append("\(item.name) \(problem).") }
        }
        problems += collisions(among: items)
        try refuse(problems)
        let existing = try await target.existingNames()
        try await checkCount(of: items, and: existing)
        try await compare(&items, with: existing)
        if !overwrites {
            problems = items.filter { $0.state == .differs }.map { "\($0.name) is there already with another value." }
        }
        try refuse(problems, remedy: " Use --overwrite, --rename or --prefix.")
        return items
    }

    private func checkCount(of items: [Item], and existing: [String]?) async throws {
        guard let existing, let most = try await target.mostSecrets() else { return }
        let known = Set(existing.map { $0.lowercased() })
        let count = existing.count + items.filter { !known.contains($0.target.lowercased()) }.count
        try refuse(count > most ? ["\(count) secrets would be there, and the most is \(most)."] : [])
    }

    private func namesOfSource() async throws -> [String] {
        guard !only.isEmpty else { return try await source.names() }
        var names: [String] = []
        for name in only where !names.contains(name) { names.append(name) }
        return names
    }

    private func collisions(among items: [Item]) -> [String] {
        let places = Dictionary(grouping: items) { target.isCaseSensitive ? $0.target : $0.target.lowercased() }
        return places.values.filter { $0.count > 1 }.map { items in
            "\(items.map(\.source).joined(separator: ", ")) would all be \(items[0].target)."
        }.sorted()
    }

    private func refuse(_ problems: [String], remedy: String = "") throws {
        guard !problems.isEmpty else { return }
        let lines = problems.map { "\n  " + $0 }.joined()
        throw CommandFailure("Nothing was written to \(target.title).\(remedy)\(lines)")
    }

    /// Reads what is there already, and what is to take its place.
    private func compare(_ items: inout [Item], with existing: [String]?) async throws {
        let existing = existing.map { Set($0.map { $0.lowercased() }) }
        let indices = items.indices.filter { existing?.contains(items[$0].target.lowercased()) ?? true }
        let looked = items
        var count = 0
        let work = SeveralAtATime(width: width)
        try await work.run(indices) { index in
            try await compared(looked[index])
        } didEnd: { index, result in
            items[index] = try result.get()
            count += 1
            progress.show("Comparing", count, of: indices.count)
            return true
        }
        progress.clear()
    }

    private func compared(_ item: Item) async throws -> Item {
        var item = item
        let present: SecretBytes?
        do {
            present = try await target.existingValue(of: item.target)
        } catch let error as ScopeError where error.code == .permissionDenied && overwrites {
            item.state = .differs
            return item
        }
        guard let present else { return item }
        let value = try await source.value(of: item.source)
        let isEqual = value.withBytes { value in present.withBytes { constantTimeEquals(value, $0) } }
        item.state = isEqual ? .equal : .differs
        if !isEqual { item.value = value }
        return item
    }

    /// How many secrets are on their way at a time.
    private var width: Int { min(source.mostCalls, target.mostCalls) }

    // MARK: Writing

    /// Writes what is to be written.
    ///
    /// - Parameter didWrite: Called after each.
    /// - Throws: ``TransferFailure`` when one of them cannot be read or written; the ones before it were written, unless
    ///   the target writes all at once.
    func carryOut(_ items: [Item], didWrite: (Item) throws -> Void) async throws {
        let wanted = items.filter { $0.state != .equal }
        guard !wanted.isEmpty || target.writesAtOnce else { return }
        if !wanted.isEmpty { try await target.prepare() }
        var written: Set<Int> = []
        var failures: [Int: any Error] = [:]
        var shown = 0
        try await SeveralAtATime(width: width).run(Array(wanted.indices)) { index in
            let item = wanted[index]
            let value = if let value = item.value { value } else { try await source.value(of: item.source) }
            try await target.put(value, as: item.target)
        } didEnd: { index, result in
            do {
                try result.get()
                written.insert(index)
            } catch {
                failures[index] = error
            }
            progress.show("Writing", written.count, of: wanted.count)
            // In the order of the source, whatever ends first.
            while !target.writesAtOnce, written.contains(shown) {
                progress.clear()
                try didWrite(wanted[shown])
                shown += 1
            }
            return failures.isEmpty
        }
        progress.clear()
        guard failures.isEmpty else {
            throw TransferFailure(
                refused: failures.sorted { $0.key < $1.key }.map { (wanted[$0.key].name, $0.value) },
                target: target.title,
                written: target.writesAtOnce ? [] : written.sorted().map { wanted[$0].name },
                left: wanted.indices.filter { !written.contains($0) && failures[$0] == nil }.map { wanted[$0].name })
        }
        try target.finish()
        if target.writesAtOnce { for item in wanted { try didWrite(item) } }
    }
}

/// Secrets that could not be moved.
struct TransferFailure: Error, CustomStringConvertible {
    /// Their names, and why; at least one.
    let refused: [(name: String, reason: any Error)]
    /// Where they were to go.
    let target: String
    /// The names of those that were written.
    let written: [String]
    /// The names of those that were not tried.
    let left: [String]

    var description: String {
        let lines = refused.map { name, reason in
            let why =
                (reason as? ScopeError)?.message ?? (reason as? CommandFailure)?.message ?? String(describing: reason)
            return "\(name) was not written to \(target): \(why)"
        }
        return """
            \(lines.joined(separator: "\n"))
            \(Self.list("Written", written))
            \(Self.list("Not tried", left))
            Do it again when that is mended: what is written already is left alone.
            """
    }

    private static func list(_ what: String, _ names: [String]) -> String {
        guard !names.isEmpty else { return "\(what): none." }
        let shown = names.prefix(50).joined(separator: ", ")
        return "\(what) (\(names.count)): \(shown)\(names.count > 50 ? "…" : ".")"
    }
}

/// How far a transfer has come, on a terminal.
struct TransferProgress: Sendable {
    let line: ProgressLine
    let start = ContinuousClock.now

    /// Shows the count and the rate.
    func show(_ what: String, _ count: Int, of total: Int) {
        line.show(
            {
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                let rate = seconds > 0.5 ? ", \(Int((Double(count) / seconds).rounded())) a second" : ""
                return "\(what) \(count) of \(total)\(rate)"
            }())
    }

    func clear() {
        line.clear()
    }
}
