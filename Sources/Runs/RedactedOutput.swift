public import Redaction

/// The outputs of a child process on their way through a run's redactor.
///
/// What may still become a known value is held back. It is released at the end, or, as far as it is short, when whoever
/// follows the child says so: when it has been silent for a moment, and where a notebook's cell ends or shows a result,
/// so that each thing stays in its place.
public final class RedactedOutput {
    private let isTerminal: Bool
    private let sink: (StandardStream, RawSpan) -> Void
    private var output: RedactionStream
    private var error: RedactionStream

    /// Creates the outputs of one child.
    ///
    /// - Parameters:
    ///   - redactor: Knows the values.
    ///   - isTerminal: Whether prompts must appear; see ``RedactionStream/releaseIdle(onTerminal:to:)``.
    ///   - isReporting: Whether to report what was redacted.
    ///   - sink: Is handed what may be shown, as spans that are valid during the call only.
    public init(
        redactor: Redactor,
        isTerminal: Bool,
        isReporting: Bool = false,
        sink: @escaping (StandardStream, RawSpan) -> Void
    ) {
        self.isTerminal = isTerminal
        self.sink = sink
        self.output = redactor.makeStream(reporting: isReporting)
        self.error = redactor.makeStream(reporting: isReporting)
    }

    /// What was redacted in a stream; empty unless that is to be reported.
    public func report(of stream: StandardStream) -> RedactionReport {
        switch stream {
        case .standardOutput: output.report ?? RedactionReport()
        case .standardError: error.report ?? RedactionReport()
        }
    }

    /// The child wrote `bytes`.
    public func feed(_ bytes: RawSpan, from stream: StandardStream) {
        switch stream {
        case .standardOutput: output.feed(bytes) { sink(.standardOutput, $0) }
        case .standardError: error.feed(bytes) { sink(.standardError, $0) }
        }
    }

    /// The child has been silent for a moment, or what comes next belongs somewhere else.
    public func releaseIdle() {
        output.releaseIdle(onTerminal: isTerminal) { sink(.standardOutput, $0) }
        error.releaseIdle(onTerminal: isTerminal) { sink(.standardError, $0) }
    }

    /// Nothing follows.
    public func finish() {
        output.finish { sink(.standardOutput, $0) }
        error.finish { sink(.standardError, $0) }
    }
}
