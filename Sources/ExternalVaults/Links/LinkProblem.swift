/// What is wrong with a link's address or options, in a sentence that says what to do.
package struct LinkProblem: Error, Sendable, Hashable {
    /// The sentence, or two.
    package var message: String

    package init(_ message: String) {
        self.message = message
    }
}
