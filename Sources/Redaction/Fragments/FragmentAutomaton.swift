import SecretMemory

/// The values that are looked for in pieces of at least half of their bytes, and of at least 8.
///
/// Time is linear in the input, whatever input and values are. All tables are one secret block.
final class FragmentAutomaton: Sendable {
    private let forms: [KnownForm]
    private let layout: FragmentLayout
    private let block: SecretBytes

    /// An automaton for the forms of `previous` and those that are `added`.
    init(extending previous: FragmentAutomaton?, by added: [KnownForm], in pool: SecretPool) {
        let forms = (previous?.forms ?? []) + added
        let builder = FragmentBuilder(of: forms)
        let layout = builder.layout
        self.forms = forms
        self.layout = layout
        block = SecretBytes(count: layout.byteCount, in: pool) { builder.write(to: $0, as: layout) }
    }

    /// The fewest bytes of a value that are an occurrence.
    static func minimum(of form: KnownForm) -> Int {
        max(KnownForm.freeCount, (form.bytes.count + 1) / 2)
    }

    /// What reports call a piece of the form that `state` is due to.
    func label(of state: UInt32) -> FormLabel {
        let form = withTables { Int($0.states[Int(state)].form) }
        return forms[form].label.with("fragment")
    }

    /// Lends the tables for the duration of `body`.
    func withTables<R>(_ body: (FragmentTables) -> R) -> R {
        block.withUnsafeBytes { body(layout.tables(in: $0)) }
    }
}

/// Where the tables of a fragment automaton lie in its one block of memory.
struct FragmentLayout {
    typealias State = FragmentTables.State
    typealias Branch = AutomatonTables.Branch

    private let stride: Int
    private let gramsSize: GramBitmap.Size
    private let branches: Range<Int>
    private let states: Range<Int>
    private let children: Range<Int>

    var byteCount: Int { children.upperBound }

    init(stateCount: Int, branchCount: Int, childCount: Int, gramCount: Int, shortest: Int) {
        stride = min(shortest - StartFilter.gramSize + 1, StartFilter.longestStride)
        gramsSize = GramBitmap.Size(gramCount: gramCount, sparseness: 128)
        let start = gramsSize.byteCount
        branches = start..<(start + branchCount * MemoryLayout<Branch>.stride)
        states = branches.upperBound..<(branches.upperBound + stateCount * MemoryLayout<State>.stride)
        children = states.upperBound..<(states.upperBound + childCount * MemoryLayout<UInt32>.stride)
    }

    func tables(in block: UnsafeRawBufferPointer) -> FragmentTables {
        FragmentTables(
            states: UnsafeRawBufferPointer(rebasing: block[states]).assumingMemoryBound(to: State.self),
            branches: UnsafeRawBufferPointer(rebasing: block[branches]).assumingMemoryBound(to: Branch.self),
            children: UnsafeRawBufferPointer(rebasing: block[children]).assumingMemoryBound(to: UInt32.self),
            grams: GramBitmap(block, size: gramsSize),
            stride: stride
        )
    }

    /// The tables to be written, in a block of zeros.
    func mutableTables(in block: UnsafeMutableRawBufferPointer) -> MutableFragmentTables {
        MutableFragmentTables(
            states: UnsafeMutableRawBufferPointer(rebasing: block[states]).bindMemory(to: State.self),
            branches: UnsafeMutableRawBufferPointer(rebasing: block[branches]).bindMemory(to: Branch.self),
            children: UnsafeMutableRawBufferPointer(rebasing: block[children]).bindMemory(to: UInt32.self),
            grams: MutableGramBitmap(block, size: gramsSize)
        )
    }
}

/// The tables of a fragment automaton while they are written.
struct MutableFragmentTables {
    let states: UnsafeMutableBufferPointer<FragmentTables.State>
    let branches: UnsafeMutableBufferPointer<AutomatonTables.Branch>
    let children: UnsafeMutableBufferPointer<UInt32>
    let grams: MutableGramBitmap
}
