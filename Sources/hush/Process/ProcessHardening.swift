import CLinux
import Glibc

/// What the process does before anything else, because values will be in its memory.
enum ProcessHardening {
    /// What was found out about the standard streams.
    struct Streams {
        /// Whether standard input was open.
        var hasInput: Bool
        /// Whether a broken pipe would have ended the process.
        var diesOfBrokenPipe: Bool
    }

    /// Closes the ways by which memory gets out of the process, and puts descriptors and signals in order.
    static func apply() -> Streams {
        // Files that are created are the user's alone.
        umask(0o077)
        forbidDumps()
        // Whoever starts a process may have left this one ignored, and then no child's ending can be seen.
        signal(SIGCHLD, SIG_DFL)
        // Broken pipes are told by `write`. Killed in the middle, a run could not end its child.
        let previous = signal(SIGPIPE, SIG_IGN)
        let diesOfBrokenPipe = unsafeBitCast(previous, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
        return Streams(hasInput: reserveStandardDescriptors(), diesOfBrokenPipe: diesOfBrokenPipe)
    }

    /// No core dump, no debugger of the same user, and no report of the crashed process's memory.
    private static func forbidDumps() {
        // Neither refusal can be mended here, and neither is a reason to stop.
        _ = clinux_set_not_dumpable()
        // 1, not 0: a kernel that pipes dumps to a program ignores a limit of 0.
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        // The Swift runtime has its crash reporter installed by now, which prints registers and the memory that they
        // point to. SWIFT_BACKTRACE=enable=no would have had to be set before the process was started.
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] {
            signal(number, SIG_DFL)
        }
    }

    /// Occupies the standard descriptors that are closed, so that no file is opened under their numbers: a message to
    /// standard error would otherwise be written into the store. Returns whether standard input was open.
    private static func reserveStandardDescriptors() -> Bool {
        var hasInput = true
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            if descriptor == STDIN_FILENO { hasInput = false }
            // The wrong way round, so that reading or writing still fails. The lowest free number is taken, which is
            // this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
        return hasInput
    }
}
