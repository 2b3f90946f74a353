import Glibc
import SecretMemory

/// Builds the suffix automaton of all values, byte by byte (Blumer and others, 1985), and writes it as
/// ``FragmentTables``.
final class FragmentBuilder {
    private struct State {
        var link: UInt32
        var length: UInt32
        var firstEdge: UInt32
        var minimum: UInt32 = .max
        var promising: UInt32 = .max
        var form: UInt32 = 0
    }

    /// One way on from a state. Number 0 stands for "none".
    private struct Edge {
        var byte: UInt8
        var target: UInt32
        /// The next edge of the same state.
        var next: UInt32
    }

    private static let noState = UInt32.max

    private let forms: [KnownForm]
    private let states: UnsafeMutableBufferPointer<State>
    private let edges: UnsafeMutableBufferPointer<Edge>
    private var stateCount = 0
    private var edgeCount = 1

    init(of forms: [KnownForm]) {
        self.forms = forms
        // No suffix automaton has more states or edges than these.
        let byteCount = forms.reduce(0) { $0 + $1.bytes.count }
        states = .allocate(capacity: 2 * byteCount + 2)
        edges = .allocate(capacity: 3 * byteCount + 2)
        _ = addState(length: 0, link: Self.noState, firstEdge: 0)
        for form in forms {
            form.bytes.withUnsafeBytes { bytes in
                var last: UInt32 = 0
                for byte in bytes { last = extend(last, by: byte) }
            }
        }
        measure()
    }

    // The edges spell the values.
    deinit {
        if let base = edges.baseAddress { explicit_bzero(base, UnsafeRawBufferPointer(edges).count) }
        edges.deallocate()
        states.deallocate()
    }

    var layout: FragmentLayout {
        var branchCount = 0
        var childCount = 0
        for state in 0..<stateCount {
            let count = edgeCount(of: UInt32(state))
            if count > 1 {
                branchCount += 1
                childCount += count
            }
        }
        return FragmentLayout(
            stateCount: stateCount,
            branchCount: branchCount,
            childCount: childCount,
            gramCount: forms.reduce(0) { $0 + $1.bytes.count },
            shortest: forms.map(FragmentAutomaton.minimum).min() ?? .max
        )
    }

    // MARK: Construction

    /// The state for the stretch of `last` and one more byte.
    private func extend(_ last: UInt32, by byte: UInt8) -> UInt32 {
        let length = states[Int(last)].length + 1
        if let target = target(of: last, byte) {
            return states[Int(target)].length == length ? target : split(target, after: last, byte)
        }
        let added = addState(length: length, link: 0, firstEdge: 0)
        var state = last
        while state != Self.noState {
            if let target = target(of: state, byte) {
                let fits = states[Int(target)].length == states[Int(state)].length + 1
                states[Int(added)].link = fits ? target : split(target, after: state, byte)
                break
            }
            addEdge(from: state, byte, to: added)
            state = states[Int(state)].link
        }
        return added
    }

    /// Makes a state of its own of those stretches of `target` that are no longer than the longest of `state` and `byte`.
    private func split(_ target: UInt32, after state: UInt32, _ byte: UInt8) -> UInt32 {
        let clone = addState(length: states[Int(state)].length + 1, link: states[Int(target)].link, firstEdge: 0)
        forEachEdge(of: target) { addEdge(from: clone, edges[$0].byte, to: edges[$0].target) }
        states[Int(target)].link = clone
        var state = state
        while state != Self.noState, let edge = edge(of: state, byte), edges[edge].target == target {
            edges[edge].target = clone
            state = states[Int(state)].link
        }
        return clone
    }

    /// Finds out from which length on the stretches of each state are occurrences.
    private func measure() {
        for (number, form) in forms.enumerated() {
            let minimum = FragmentAutomaton.minimum(of: form)
            form.bytes.withUnsafeBytes { bytes in
                var state: UInt32 = 0
                for (position, byte) in bytes.enumerated() {
                    state = target(of: state, byte) ?? 0
                    // A stretch that ends here must begin so that there is a minimum of bytes from there on.
                    let latestStart = bytes.count - minimum
                    lower(state, UInt32(minimum), UInt32(max(0, position + 1 - latestStart)), due: UInt32(number))
                }
            }
        }
        // What holds for a stretch holds for its suffixes.
        for state in statesByLength().reversed() where states[Int(state)].link != Self.noState {
            let longer = states[Int(state)]
            lower(longer.link, longer.minimum, longer.promising, due: longer.form)
        }
    }

    private func lower(_ state: UInt32, _ minimum: UInt32, _ promising: UInt32, due form: UInt32) {
        if minimum < states[Int(state)].minimum {
            states[Int(state)].minimum = minimum
            states[Int(state)].form = form
        }
        states[Int(state)].promising = min(states[Int(state)].promising, promising)
    }

    private func statesByLength() -> [UInt32] {
        (0..<UInt32(stateCount)).sorted { states[Int($0)].length < states[Int($1)].length }
    }

    // MARK: States and edges

    private func addState(length: UInt32, link: UInt32, firstEdge: UInt32) -> UInt32 {
        states.initializeElement(at: stateCount, to: State(link: link, length: length, firstEdge: firstEdge))
        stateCount += 1
        return UInt32(stateCount - 1)
    }

    private func addEdge(from state: UInt32, _ byte: UInt8, to target: UInt32) {
        edges.initializeElement(at: edgeCount, to: Edge(byte: byte, target: target, next: states[Int(state)].firstEdge))
        states[Int(state)].firstEdge = UInt32(edgeCount)
        edgeCount += 1
    }

    private func forEachEdge(of state: UInt32, _ body: (Int) -> Void) {
        var edge = Int(states[Int(state)].firstEdge)
        while edge != 0 {
            body(edge)
            edge = Int(edges[edge].next)
        }
    }

    private func edge(of state: UInt32, _ byte: UInt8) -> Int? {
        var edge = Int(states[Int(state)].firstEdge)
        while edge != 0, edges[edge].byte != byte { edge = Int(edges[edge].next) }
        return edge == 0 ? nil : edge
    }

    private func target(of state: UInt32, _ byte: UInt8) -> UInt32? {
        edge(of: state, byte).map { edges[$0].target }
    }

    private func edgeCount(of state: UInt32) -> Int {
        var count = 0
        forEachEdge(of: state) { _ in count += 1 }
        return count
    }

    // MARK: Tables

    /// Writes the tables into a block of zeros.
    func write(to block: UnsafeMutableRawBufferPointer, as layout: FragmentLayout) {
        let written = layout.mutableTables(in: block)
        var branchCount = 0
        var childrenEnd: UInt32 = 0
        for state in statesByLength() {
            let current = states[Int(state)]
            var result = FragmentTables.State(
                link: state == 0 ? 0 : current.link, length: current.length, minimum: current.minimum,
                promising: current.promising, inherited: 0, form: current.form, next: 0, byte: 0
            )
            // The state that it links to has been written.
            let link = written.states[Int(result.link)]
            if state != 0, result.link != 0 {
                result.inherited = link.length >= link.minimum ? result.link : link.inherited
            }
            let count = edgeCount(of: state)
            if count == 1 {
                let edge = edges[Int(current.firstEdge)]
                result.next = edge.target
                result.byte = UInt32(edge.byte) + 1
            } else if count > 1 {
                result.next = UInt32(branchCount)
                result.byte = FragmentTables.State.manyNext
                writeBranch(of: state, number: branchCount, first: childrenEnd, to: written)
                branchCount += 1
                childrenEnd += UInt32(count)
            }
            written.states[Int(state)] = result
        }
        for form in forms { written.grams.insertAll(of: form) }
    }

    private func writeBranch(of state: UInt32, number: Int, first: UInt32, to written: MutableFragmentTables) {
        var branch = AutomatonTables.Branch(first: first)
        forEachEdge(of: state) { branch.insert(edges[$0].byte) }
        forEachEdge(of: state) { edge in
            if let child = branch.index(of: edges[edge].byte) { written.children[child] = edges[edge].target }
        }
        written.branches[number] = branch
    }
}
