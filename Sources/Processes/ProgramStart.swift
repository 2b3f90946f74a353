package import CLinux
package import Glibc
package import SecretMemory

/// Starts programs, as `clinux_spawn` does it, with the memory that it needs.
package enum ProgramStart {
    /// An environment, or arguments, as `execve` takes them: pointers, of which the last one is null.
    package typealias Texts = UnsafePointer<UnsafeMutablePointer<CChar>?>

    /// Starts the program at `path`, or the one that `child` has a descriptor of and that `path` is the name of.
    ///
    /// The program is killed when the calling *thread* ends.
    ///
    /// - Parameters:
    ///   - child: All that is not told by the others.
    ///   - path: The program's file.
    ///   - arguments: What it finds as its arguments, its own name first.
    ///   - directory: The folder that it starts in; `nil` for this process's own.
    ///   - environment: Its environment.
    /// - Returns: Its process id.
    package static func start(
        _ child: inout clinux_child,
        path: String,
        arguments: [String],
        directory: String?,
        environment: Texts
    ) throws(SystemCallError) -> pid_t {
        var failedCall: UnsafePointer<CChar>?
        var number: Int32 = 0
        let process = withTexts(arguments) { arguments in
            withOptionalCString(directory) { directory in
                path.withCString { path in
                    child.path = path
                    child.arguments = arguments
                    child.environment = environment
                    child.directory = directory
                    let process = clinux_spawn(&child, &failedCall)
                    number = errno
                    return process
                }
            }
        }
        guard process > 0 else {
            throw SystemCallError(call: failedCall.map { String(cString: $0) } ?? "spawn", number: number)
        }
        return process
    }

    /// Lends copies of some texts for the duration of `body`.
    package static func withTexts<R>(_ texts: [String], _ body: (Texts) -> R) -> R {
        var pointers = texts.map { strdup($0) }
        pointers.append(nil)
        defer { pointers.forEach { free($0) } }
        return body(pointers)
    }

    private static func withOptionalCString<R>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }
}
