/// A value that a ``Redactor`` cannot take.
public struct RedactionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable {
        private enum Kind { case tooManyValues, tooManyBytes }
        private let kind: Kind

        /// The redactor knows as many values as it can.
        public static let tooManyValues = Code(kind: .tooManyValues)
        /// The values and their forms take as many bytes as they may.
        public static let tooManyBytes = Code(kind: .tooManyBytes)
    }

    /// What kind of failure it is.
    public let code: Code
    /// The number of values that the redactor knows; of too many values, those at ``level`` and above.
    public let valueCount: Int
    /// The level at which the value was to be added.
    public let level: RedactionLevel

    /// What failed and what to try.
    public var description: String {
        let remedy = "read fewer secrets in one run"
        if code == .tooManyValues {
            let lower = level == .literal ? "" : ", or redact at a lower level"
            return "redactor full: it knows \(valueCount) values at the level \(level), and no more than "
                + "\(level.maximumValueCount) can be redacted at it; \(remedy)\(lower)"
        }
        return "redactor full: with its \(valueCount) values and this one there would be more than "
            + "\(Redactor.maximumFormByteCount / 1024 / 1024) MiB to look for; \(remedy)"
    }
}
