import SecretMemory

/// The known forms, ready to be looked for all at once: an Aho-Corasick automaton.
///
/// Time is linear in the input, whatever input and forms are. A node takes 24 bytes. All tables are one secret block,
/// as their bytes, hashes and links tell the forms.
final class Automaton: Sendable {
    /// The forms in the order of their bytes, without two that are equal.
    let forms: [KnownForm]
    private let layout: AutomatonLayout
    private let block: SecretBytes

    /// An automaton that knows no form.
    convenience init(in pool: SecretPool) {
        self.init(sorted: [], in: pool)
    }

    /// An automaton for the forms of `previous` and those that are `added`.
    convenience init(extending previous: Automaton?, by added: [KnownForm], in pool: SecretPool) {
        var forms = previous?.forms ?? []
        if 16 * added.count < forms.count {
            for form in added { forms.insert(form, at: Self.place(for: form, in: forms)) }
        } else {
            forms += added
            forms.sort(by: KnownForm.areInIncreasingOrder)
        }
        self.init(sorted: forms, in: pool)
    }

    /// Where `form` belongs among forms that are in order, behind those that are equal.
    private static func place(for form: KnownForm, in forms: [KnownForm]) -> Int {
        var range = forms.startIndex..<forms.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let isBehind = KnownForm.areInIncreasingOrder(form, forms[middle])
            range = isBehind ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }

    private init(sorted: [KnownForm], in pool: SecretPool) {
        var kept: [Int] = []
        kept.reserveCapacity(sorted.count)
        var sharedCounts: [Int] = []
        sharedCounts.reserveCapacity(sorted.count)
        var nodeCount = 1
        for index in sorted.indices {
            let bytes = sorted[index].bytes
            let last = kept.last.map { sorted[$0].bytes }
            let shared = last?.commonPrefixCount(with: bytes) ?? 0
            // Of equal forms the first is the one that counts everywhere, if there is such.
            if let last, last.count == shared, bytes.count == shared { continue }
            kept.append(index)
            sharedCounts.append(shared)
            nodeCount += bytes.count - shared
        }
        let forms = kept.count == sorted.count ? sorted : kept.map { sorted[$0] }
        let layout = AutomatonLayout(nodeCount: nodeCount, formCount: forms.count)
        self.forms = forms
        self.layout = layout
        self.block = SecretBytes(count: layout.byteCount, in: pool) { block in
            AutomatonBuilder.build(
                forms,
                sharedCounts: sharedCounts,
                layout: layout,
                in: block
            )
        }
    }

    /// The form that ends at `node`.
    func form(endingAt node: UInt32) -> KnownForm? {
        withTables { tables in
            var range = 0..<forms.count
            while !range.isEmpty {
                let middle = range.lowerBound + range.count / 2
                if tables.ends[middle] == node { return forms[middle] }
                range = tables.ends[middle] < node ? middle + 1..<range.upperBound : range.lowerBound..<middle
            }
            return nil
        }
    }

    /// Lends the tables for the duration of `body`.
    func withTables<R>(_ body: (AutomatonTables) -> R) -> R {
        block.withUnsafeBytes { body(layout.tables(in: $0)) }
    }
}
