// @preconcurrency: `stdout` and `stderr` are variables in C; nobody assigns them.
@preconcurrency internal import Glibc

// What the runner writes between the cells of a notebook. The names begin with two underscores: they are no interface
// for notebooks.

/// The program begins: its output is buffered by lines, and the runner is told.
public func __hushNotebookDidStart() {
    setvbuf(stdout, nil, _IOLBF, 0)
    guard let channel = controlChannel else { return }
    // Programs that the notebook starts must neither hold the descriptor nor look for it.
    _ = fcntl(channel.descriptor, F_SETFD, FD_CLOEXEC)
    unsetenv(ControlChannel.variable)
    CrashReport.install(descriptor: channel.descriptor)
    ProcessProtection.forbidInspection()
    var frame = ControlFrame(.started)
    frame.append(ControlFrame.version)
    _ = channel.exchange(frame)
}

/// The cell `number` has run to its end: the runner takes what it has printed before the next one begins.
public func __hushCellDidEnd(_ number: Int) {
    guard let channel = controlChannel else {
        fflush(nil)
        return
    }
    var frame = ControlFrame(.cellEnded)
    frame.append(number)
    _ = channel.exchange(frame)
}

/// An error was thrown at the top level of a cell and not caught. Linked in the place of the function of the standard
/// library that prints the error and traps.
@_silgen_name("__wrap_swift_errorInMain")
public func __hushErrorInMain(_ error: any Error) {
    var frame = ControlFrame(.failed)
    frame.append(String(describing: type(of: error)))
    frame.append(String(describing: error))
    if controlChannel?.exchange(frame) == nil {
        fflush(nil)
        fputs("Error: \(String(describing: error))\n", stderr)
    }
    _exit(EXIT_FAILURE)
}

/// Stands behind the last expression of a cell, whose value is to be displayed.
public struct __HushCellResult: Sendable {}

/// See ``__HushCellResult``.
public let __hushCellResult = __HushCellResult()

/// Weaker than every other operator, so that it takes a whole expression.
precedencegroup __HushCellResultPrecedence {
    lowerThan: AssignmentPrecedence
}

infix operator ~~~>>> : __HushCellResultPrecedence

/// Displays the value of a cell's last expression; a value of no content is not displayed.
public func ~~~>>> <Value>(value: Value, result: __HushCellResult) {
    if value is Void { return }
    show(value, columns: nil)
}
