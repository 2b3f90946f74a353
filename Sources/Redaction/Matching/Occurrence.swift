/// A place in the input where a known form is.
struct Occurrence {
    /// Who found it, which tells the automaton that `node` belongs to.
    enum Finder {
        case plain
        case reading(ReaderName)
        case spaced
        case fragments
    }

    var range: Range<Int>
    var finder: Finder
    /// Where the automaton stood, which tells the form.
    var node: UInt32
}
