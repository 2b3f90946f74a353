internal import CLinux
internal import Glibc
internal import Processes

/// Has bubblewrap make namespaces, takes hold of them, and lets it end.
///
/// bubblewrap starts `cat` in them, which gives back a byte: then all mounts are there. From the number of that process,
/// which bubblewrap tells, its namespaces are opened, and they stay as long as the descriptors do.
struct NamespaceMaker {
    typealias Namespaces = (user: OwnedDescriptor, mount: OwnedDescriptor)

    /// bubblewrap's file.
    let program: String
    /// Its arguments up to the program that it is to start.
    let arguments: [String]
    /// The environment of it and that program.
    let environment: ChildEnvironment

    /// How many milliseconds bubblewrap may take. It needs few; a machine in need may take more.
    private static let patience: Int32 = 30_000
    private static let tellingDescriptor: Int32 = 3

    /// Makes the namespaces, and checks that programs run in them.
    func make() throws(RunIsolation.Failure) -> Namespaces {
        do {
            let namespaces = try start()
            try check(namespaces)
            return namespaces
        } catch let failure as RunIsolation.Failure {
            throw failure
        } catch {
            throw RunIsolation.Failure(description: "bubblewrap cannot be used (\(error))")
        }
    }

    private func start() throws -> Namespaces {
        let (output, errors, telling) = (try Pipe.forChild(), try Pipe.forChild(), try Pipe.forChild())
        var input: Pipe? = try Pipe.forChild()
        var child = clinux_child()
        child.input = input?.reading.number ?? -1
        child.output = output.writing.number
        child.error = errors.writing.number
        child.control = telling.writing.number
        // It must wait for its byte, and not find that there is none yet.
        guard fcntl(child.input, F_SETFL, 0) == 0 else { throw ChildProcessError.systemCall("fcntl") }
        let process = try spawn(
            &child, program, [program] + arguments + ["--info-fd", "\(Self.tellingDescriptor)", "--", "cat"])
        defer {
            // `cat` ends with its input, and bubblewrap with `cat`.
            input = nil
            end(process)
        }
        var byte = UInt8(ascii: "x")
        // One that has ended already takes nothing; why it ended is told below.
        if let writing = input?.writing.number { _ = write(writing, &byte, 1) }
        guard waitForByte(from: output.reading, of: process) else {
            throw RunIsolation.Failure(description: Self.firstLine(of: errors.reading))
        }
        guard let program = Self.processNumber(in: Self.text(of: telling.reading)) else {
            throw RunIsolation.Failure(description: "bubblewrap does not tell which process it started")
        }
        return (try namespace("user", of: program), try namespace("mnt", of: program))
    }

    /// Starts a program in the namespaces, as a run would, and sees that it ends well.
    private func check(_ namespaces: Namespaces) throws {
        let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw ChildProcessError.systemCall("open") }
        let nothing = OwnedDescriptor(descriptor)
        var child = clinux_child()
        child.input = nothing.number
        child.output = nothing.number
        child.error = nothing.number
        child.control = -1
        let process = try spawn(
            &child, ProgramSearch(environment: environment).path(of: "cat"), ["cat"], in: namespaces)
        guard Self.reap(process) == 0 else {
            throw RunIsolation.Failure(description: "programs do not run in the namespaces that bubblewrap makes")
        }
    }

    private func spawn(
        _ child: inout clinux_child,
        _ path: String,
        _ words: [String],
        in namespaces: Namespaces? = nil
    ) throws(ChildProcessError) -> pid_t {
        child.program = -1
        child.terminal = -1
        child.user_namespace = namespaces?.user.number ?? -1
        child.mount_namespace = namespaces?.mount.number ?? -1
        let block = try EnvironmentBlock(environment)
        return try SpawnedChild.spawn(&child, path: path, arguments: words, directory: "/", block)
    }

    private func namespace(_ kind: String, of process: pid_t) throws(ChildProcessError) -> OwnedDescriptor {
        let descriptor = open("/proc/\(process)/ns/\(kind)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .systemCall("open") }
        return OwnedDescriptor(descriptor)
    }

    /// Waits until the program in the namespaces answers; `false` when bubblewrap ends before, or takes too long.
    private func waitForByte(from output: OwnedDescriptor, of process: pid_t) -> Bool {
        let descriptor = clinux_process_descriptor(process)
        guard descriptor >= 0 else { return false }
        let ending = OwnedDescriptor(descriptor)
        var requests = [output, ending].map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
        while poll(&requests, nfds_t(requests.count), Self.patience) < 0 {
            guard errno == EINTR else { return false }
        }
        return requests[0].revents != 0
    }

    private func end(_ process: pid_t) {
        let descriptor = clinux_process_descriptor(process)
        if descriptor >= 0 {
            let ending = OwnedDescriptor(descriptor)
            var request = pollfd(fd: ending.number, events: Int16(POLLIN), revents: 0)
            poll(&request, 1, Self.patience)
        }
        kill(-process, SIGKILL)
        _ = Self.reap(process)
    }

    /// Waits for the end of a process and returns its status.
    private static func reap(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    /// What waits in a pipe.
    private static func text(of pipe: OwnedDescriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(pipe.number, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// What bubblewrap complained about.
    private static func firstLine(of pipe: OwnedDescriptor) -> String {
        let line = text(of: pipe).prefix { $0 != "\n" }
        return line.isEmpty ? "bubblewrap does not make the namespaces" : String(line)
    }

    /// The number in `{ "child-pid": 4711, … }`.
    private static func processNumber(in text: String) -> pid_t? {
        guard let name = text.firstRange(of: "\"child-pid\":") else { return nil }
        return pid_t(text[name.upperBound...].drop { $0 == " " }.prefix { $0.isNumber })
    }
}
