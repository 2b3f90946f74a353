internal import CLinux
internal import Glibc
internal import SecretMemory

/// A child that has just been started, and our ends of what leads to it.
struct SpawnedChild {
    let process: pid_t
    /// The variable of its environment, `NAME=VALUE`, by which its descendants can be told from other processes.
    let marker: String
    /// Becomes readable when the process ends.
    let processDescriptor: OwnedDescriptor
    let output: OwnedDescriptor
    let error: OwnedDescriptor
    let control: OwnedDescriptor?

    private static let controlDescriptor: Int32 = 3

    init(_ command: ChildCommand) throws(ChildProcessError) {
        let marker = (name: "HUSH_CHILD", value: String(UInt64.random(in: .min ... .max), radix: 16))
        var environment = command.environment
        environment[marker.name] = marker.value
        if command.hasControlDescriptor { environment["HUSH_CONTROL_DESCRIPTOR"] = "\(Self.controlDescriptor)" }

        let output = try Pipe()
        let error = try Pipe()
        let control = command.hasControlDescriptor ? try Self.socketPair() : nil
        let input = try Self.input(command.standardInput)
        let block = try EnvironmentBlock(environment)

        // Without it, what a child leaves behind is out of our reach. It fails on no supported kernel.
        _ = clinux_set_child_subreaper()
        var child = clinux_child()
        child.program = -1
        child.input = input?.number ?? STDIN_FILENO
        child.output = output.writing.number
        child.error = error.writing.number
        child.control = control?.theirs.number ?? -1
        child.new_session = command.startsSession
        let process = try Self.spawn(&child, command, block)

        let descriptor = clinux_process_descriptor(process)
        guard descriptor >= 0 else {
            let number = errno
            kill(-process, SIGKILL)
            waitpid(process, nil, 0)
            throw .systemCall("pidfd_open", number)
        }
        self.process = process
        self.marker = "\(marker.name)=\(marker.value)"
        self.processDescriptor = OwnedDescriptor(descriptor)
        self.output = output.reading
        self.error = error.reading
        self.control = control?.ours
    }

    private static func spawn(
        _ child: inout clinux_child,
        _ command: ChildCommand,
        _ block: borrowing EnvironmentBlock
    ) throws(ChildProcessError) -> pid_t {
        var path = ""
        switch command.program {
        case .file(let file): path = file
        case .sealed(let program): child.program = program.descriptor
        }
        var failedCall: UnsafePointer<CChar>?
        var number: Int32 = 0
        let process = block.withPointers { environment in
            withCStrings(command.arguments) { arguments in
                withOptionalCString(command.directory) { directory in
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
        }
        guard process > 0 else {
            var error = ChildProcessError.systemCall(failedCall.map { String(cString: $0) } ?? "spawn", number)
            if case .sealed(let program) = command.program { path = program.name }
            error.program = path
            throw error
        }
        return process
    }

    private static func input(_ input: ChildCommand.StandardInput) throws(ChildProcessError) -> OwnedDescriptor? {
        guard case .empty = input else { return nil }
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .systemCall("open") }
        return OwnedDescriptor(descriptor)
    }

    private static func socketPair() throws(ChildProcessError) -> (ours: OwnedDescriptor, theirs: OwnedDescriptor) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw .systemCall("socketpair") }
        return (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
    }
}

private func withOptionalCString<R>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}

private func withCStrings<R>(
    _ texts: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    var pointers = texts.map { strdup($0) }
    pointers.append(nil)
    defer { pointers.forEach { free($0) } }
    return body(pointers)
}
