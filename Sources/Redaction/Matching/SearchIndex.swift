import SecretMemory

/// All that is needed to look for the values that a redactor knows at one time.
final class SearchIndex: Sendable {
    /// The number of known forms that it was built from.
    let knownFormCount: Int
    /// Where forms may begin.
    let starts: StartFilter
    /// The forms that are looked for in the input as it is.
    let plain: Automaton
    /// The forms that are looked for in readings of the input.
    let readable: ReadableForms?
    /// The forms that are looked for with anything between their characters.
    let spaced: Automaton?
    /// The forms that are looked for in pieces.
    let fragments: FragmentAutomaton?

    /// An index that knows no form.
    init(in pool: SecretPool) {
        knownFormCount = 0
        starts = StartFilter(in: pool)
        plain = Automaton(in: pool)
        readable = nil
        spaced = nil
        fragments = nil
    }

    /// An index for the forms of `previous` and those of `known` that were added since.
    init(extending previous: SearchIndex, to known: [KnownForm], in pool: SecretPool) {
        let added = Array(known[previous.knownFormCount...])
        starts = StartFilter(
            extending: previous.starts, for: known[..<previous.knownFormCount], and: added, in: pool)
        knownFormCount = known.count
        plain = Automaton(extending: previous.plain, by: added.filter { $0.search.contains(.plain) }, in: pool)
        let readings = added.filter { $0.search.contains(.readings) }
        readable =
            readings.isEmpty
            ? previous.readable : ReadableForms(extending: previous.readable, by: readings, in: pool)
        let spacedForms = added.filter { $0.search.contains(.spaced) }
        spaced =
            spacedForms.isEmpty
            ? previous.spaced : Automaton(extending: previous.spaced, by: spacedForms, in: pool)
        let fragmentForms = added.filter { $0.search.contains(.fragments) }
        fragments =
            fragmentForms.isEmpty
            ? previous.fragments : FragmentAutomaton(extending: previous.fragments, by: fragmentForms, in: pool)
    }
}
