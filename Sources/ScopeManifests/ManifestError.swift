/// One thing that is wrong in a manifest.
public struct ManifestProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where it shows; `nil` when it is about a file or folder as a whole, which the message then names.
    public let position: SourcePosition?
    /// What is wrong and what to do. Never contains a secret's value.
    public let message: String

    /// Creates a problem.
    public init(_ message: String, at position: SourcePosition? = nil) {
        self.position = position
        self.message = message
    }

    /// The position, when there is one, and the message.
    public var description: String {
        position.map { "\($0): \(message)" } ?? message
    }
}

/// Why manifests cannot be used: everything that is wrong in them, in the order of their text. Nothing was changed.
public struct ManifestError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems, at least one.
    public let problems: [ManifestProblem]

    /// Creates an error of `problems`, which are sorted by position.
    public init(_ problems: [ManifestProblem]) {
        self.problems = problems.sorted { left, right in
            switch (left.position, right.position) {
            case (nil, nil): false
            case (nil, _): true
            case (_, nil): false
            case (let left?, let right?): left < right
            }
        }
    }

    /// One problem per line.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
