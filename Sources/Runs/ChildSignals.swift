internal import CLinux
internal import Glibc
internal import Processes

/// Signals on their way to a child, from whoever receives them in this process.
///
/// The child's own thread takes them: most are passed on to the child's process group as they are.
///
/// - `SIGWINCH` gives the child's terminal the size of the outer one; the kernel tells the child.
/// - `SIGTSTP` stops the child.
/// - `SIGCHLD` lets it be seen that the child was stopped, which then suspends this process too, as
///   ``ChildCommand/suspend`` does it.
public final class ChildSignals: Sendable {
    private let pipe: Pipe

    /// Creates a way for signals.
    public init() throws(ChildProcessError) {
        self.pipe = try Pipe.forChild()
        guard fcntl(pipe.writing.number, F_SETFL, O_NONBLOCK) == 0 else { throw .systemCall("fcntl") }
    }

    /// Sends a signal to the child. When so many wait that there is no room, it is lost.
    public func send(_ number: Int32) {
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(pipe.writing.number, &byte, 1)
    }

    /// Becomes readable when a signal waits.
    var descriptor: Int32 { pipe.reading.number }

    /// The signals that wait, in their order.
    func take() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        return bytes.prefix(max(count, 0)).map(Int32.init)
    }
}
