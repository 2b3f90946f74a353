internal import CLinux
internal import Glibc
internal import Processes
internal import SecretMemory

/// A child that has just been started, and our ends of what leads to it.
struct SpawnedChild {
    let process: pid_t
    /// The variable of its environment, `NAME=VALUE`, by which its descendants can be told from other processes.
    let marker: String
    /// Becomes readable when the process ends.
    let processDescriptor: OwnedDescriptor
    /// What the child writes, by stream; a terminal's both streams are one.
    let outputs: [(stream: StandardStream, descriptor: OwnedDescriptor)]
    let terminal: TerminalLink?
    let control: OwnedDescriptor?

    private static let controlDescriptor: Int32 = 3

    init(_ command: ChildCommand) throws(ChildProcessError) {
        let marker = (name: "HUSH_CHILD", value: String(UInt64.random(in: .min ... .max), radix: 16))
        var environment = command.environment
        environment[marker.name] = marker.value
        if command.hasControlDescriptor { environment["HUSH_CONTROL_DESCRIPTOR"] = "\(Self.controlDescriptor)" }

        let terminal: TerminalLink? = try command.terminal.map { description throws(ChildProcessError) in
            try TerminalLink(description)
        }
        let output = terminal == nil ? try Pipe.forChild() : nil
        let error = command.terminal?.takesError == true ? nil : try Pipe.forChild()
        let control = command.hasControlDescriptor ? try Self.socketPair() : nil
        let input = try Self.input(command.standardInput)
        let block = try EnvironmentBlock(environment)

        // Without it, what a child leaves behind is out of our reach. It fails on no supported kernel.
        _ = clinux_set_child_subreaper()
        var child = clinux_child()
        child.program = -1
        let ofTerminal = terminal?.terminal?.number ?? -1
        let takesInput = command.terminal?.takesInput == true
        child.input = takesInput ? ofTerminal : input?.number ?? STDIN_FILENO
        child.output = output?.writing.number ?? ofTerminal
        child.error = error?.writing.number ?? ofTerminal
        child.control = control?.theirs.number ?? -1
        child.new_session = command.startsSession
        child.terminal = takesInput ? ofTerminal : -1
        child.user_namespace = command.isolation?.userNamespace.number ?? -1
        child.mount_namespace = command.isolation?.mountNamespace.number ?? -1
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
        self.outputs = [
            (.standardOutput, output?.reading ?? terminal?.controller), (.standardError, error?.reading),
        ].compactMap { stream, descriptor in descriptor.map { (stream, $0) } }
        self.terminal = terminal
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
        case .sealed(let program):
            child.program = program.descriptor
            path = program.name
        }
        let directory = directory(of: command)
        return try withExtendedLifetime(command) { () throws(ChildProcessError) in
            try spawn(&child, path: path, arguments: command.arguments, directory: directory, block)
        }
    }

    /// Starts the program at `path`, or the one that `child` has a descriptor of and that `path` is the name of.
    static func spawn(
        _ child: inout clinux_child,
        path: String,
        arguments: [String],
        directory: String?,
        _ block: borrowing EnvironmentBlock
    ) throws(ChildProcessError) -> pid_t {
        let result = block.withPointers { environment in
            Result { () throws(SystemCallError) in
                try ProgramStart.start(
                    &child, path: path, arguments: arguments, directory: directory, environment: environment)
            }
        }
        switch result {
        case .success(let process): return process
        case .failure(let failure):
            var error = ChildProcessError(failure)
            error.program = path
            throw error
        }
    }

    /// Where the child begins. In namespaces of its own that would be their root, to which a relative path would belong.
    private static func directory(of command: ChildCommand) -> String? {
        guard command.isolation != nil, let current = currentDirectory() else { return command.directory }
        guard let directory = command.directory else { return current }
        return directory.hasPrefix("/") ? directory : current + "/" + directory
    }

    private static func currentDirectory() -> String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
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
