internal import Glibc

/// Ends the run: `dbutils.notebook`.
public struct NotebookControl: Sendable {
    private let channel: @Sendable () -> ControlChannel?

    init(channel: @escaping @Sendable () -> ControlChannel?) {
        self.channel = channel
    }

    /// Ends the run successfully with `value` as its result. Cells that have not run yet are not run.
    ///
    /// Outside a run it prints the value and ends the program.
    public func exit(_ value: String) -> Never {
        var frame = ControlFrame(.exited)
        frame.append(value)
        if channel()?.exchange(frame) == nil {
            print("Notebook exited: \(value)")
        }
        Glibc.exit(EXIT_SUCCESS)
    }
}
