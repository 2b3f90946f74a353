internal import Glibc
internal import Processes

/// Which of its two outputs a program writes to.
public enum StandardStream: Sendable, Hashable, CaseIterable {
    case standardOutput
    case standardError
}

/// How a child process came to its end.
public struct ChildEnding: Sendable, Hashable {
    /// What the program ended with.
    public enum Status: Sendable, Hashable {
        /// An exit code.
        case exited(Int32)
        /// A signal that it did not handle.
        case signaled(Int32)
    }

    /// Who ended it.
    public enum Cause: Sendable, Hashable {
        /// The program itself, or somebody from outside.
        case program
        /// We, because it ran longer than its time-out.
        case timeout
        /// We, because the task was cancelled that waited for it.
        case cancellation
    }

    /// What the program ended with.
    public var status: Status
    /// Who ended it.
    public var cause: Cause

    /// Creates an ending.
    public init(status: Status, cause: Cause) {
        self.status = status
        self.cause = cause
    }
}

/// Watches one child process. It is made, called and asked for its result on the child's own thread.
public protocol ChildObserver: AnyObject {
    /// What is left to know when the child has ended.
    associatedtype Result: Sendable

    /// Whether ``becameIdle()`` is to be called.
    var watchesIdleness: Bool { get }

    /// The child wrote `bytes`; they are valid during the call only.
    func received(_ bytes: RawSpan, from stream: StandardStream)

    /// The child has written nothing for 20 ms after it had written something.
    func becameIdle()

    /// The child sent `bytes` over its control descriptor.
    func received(_ bytes: RawSpan, control: any ChildControl)

    /// Where what the child wrote to `stream` is written to by a queue; `nil` when ``received(_:from:)`` sees to it. The
    /// queue is emptied before more is received, and the stream is closed when nothing more can be written.
    func destination(of stream: StandardStream) -> OutputQueue?

    /// Everything that the child wrote to `stream` has been received, unless nobody took it. Who waits for the rest of one
    /// output before reading the other must get it.
    func outputEnded(of stream: StandardStream)

    /// The child has ended, with all its descendants, and its output has been received and written.
    func ended(_ ending: ChildEnding) -> Result
}

extension ChildObserver {
    /// No queue: the observer sees to everything that it receives.
    public func destination(of stream: StandardStream) -> OutputQueue? { nil }
    /// Nothing is left to be done.
    public func outputEnded(of stream: StandardStream) {}
}

/// What an observer can do when its child has sent something over the control descriptor.
public protocol ChildControl: AnyObject {
    /// Receives everything that the child has written to its outputs before now.
    func drainOutput()

    /// Sends `bytes` to the child. What cannot be sent at once is sent as soon as the child takes it.
    func send(_ bytes: [UInt8])

    /// Closes this end; the child finds its own at its end.
    func close()
}

/// Child processes.
///
/// A child is the leader of a process group of its own and dies with this process. When it ends, whatever is left of
/// its group is ended too, and so are descendants that left the group; to find them, this process becomes the one that
/// adopts orphans among its descendants (`PR_SET_CHILD_SUBREAPER`), and stays so.
public enum ChildProcess {
    /// Starts a program and waits until it and its descendants have ended. When the task is cancelled, they are ended.
    ///
    /// - Parameters:
    ///   - command: The program.
    ///   - makeObserver: Makes the child's observer.
    /// - Returns: The observer's result.
    /// - Throws: ``ChildProcessError`` when the program could not be started.
    public static func run<Observer: ChildObserver>(
        _ command: ChildCommand,
        makeObserver: @escaping @Sendable () -> Observer
    ) async throws(ChildProcessError) -> Observer.Result {
        let wakeUp = try WakeUp()
        let result = await withTaskCancellationHandler {
            // A thread of its own: the child dies with the thread that started it, and reading blocks.
            await DedicatedThread.run { () -> Result<Observer.Result, ChildProcessError> in
                Result { () throws(ChildProcessError) in
                    let loop = try ChildEventLoop(command, wakeUp: wakeUp, observer: makeObserver())
                    return loop.run()
                }
            }
        } onCancel: {
            wakeUp.signal()
        }
        return try result.get()
    }
}

/// Wakes a thread that waits in `poll`.
struct WakeUp: Sendable {
    private let pipe: Pipe

    init() throws(ChildProcessError) {
        self.pipe = try Pipe.forChild()
    }

    /// Becomes readable with the first signal and stays so.
    var descriptor: Int32 { pipe.reading.number }

    func signal() {
        var byte: UInt8 = 1
        _ = write(pipe.writing.number, &byte, 1)
    }
}
