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
    /// The number of values that the redactor knows.
    public let valueCount: Int

    /// What failed and what to try.
    public var description: String {
        let remedy = "read fewer secrets in one run"
        if code == .tooManyValues {
            return "redactor full: it knows \(valueCount) values, and no more than "
                + "\(Redactor.maximumValueCount) can be redacted; \(remedy)"
        }
        return "redactor full: with its \(valueCount) values and this one there would be more than "
            + "\(Redactor.maximumFormByteCount / 1024 / 1024) MiB to look for; \(remedy)"
    }
}
