internal import Glibc

/// Tells the runner where a program was when a signal ended it, so that a trap in a cell can be named with its line:
/// many traps, an arithmetic overflow for one, say nothing at all.
///
/// Only addresses inside the program's own code are told, never what memory holds.
enum CrashReport {
    /// What the handler needs, made before a signal can come: a handler may neither allocate nor take a lock.
    struct Preparation {
        var descriptor: Int32
        /// What the descriptor stood for.
        var identity: ControlChannel.Identity
        /// Where the program's image begins and ends in memory.
        var image: Range<UInt>
        /// `/proc/self/mem`, open for reading, or -1.
        var memory: Int32
        var frame: UnsafeMutableRawBufferPointer
    }

    /// At most so many addresses are told.
    static let addressLimit = 64
    private static let signals = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT]
    private static let alternateStackSize = 64 * 1024

    // nonisolated(unsafe): written once, before the handler is installed, and only read afterwards.
    nonisolated(unsafe) static var preparation: Preparation?

    /// Installs the handler for this process; does nothing where the processor is unknown.
    static func install(descriptor: Int32) {
        guard CrashContext.isSupported, let image = ProgramImage.range(),
            let identity = ControlChannel.Identity(of: descriptor)
        else { return }
        let frameSize = ControlFrame.headerLength + 8 + 8 * addressLimit
        preparation = Preparation(
            descriptor: descriptor,
            identity: identity,
            image: image,
            memory: open("/proc/self/mem", O_RDONLY | O_CLOEXEC),
            frame: .allocate(byteCount: frameSize, alignment: 8)
        )
        // A stack overflow leaves no room for the handler on the stack itself.
        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: alternateStackSize, alignment: 16)
        stack.ss_size = alternateStackSize
        sigaltstack(&stack, nil)
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = { signal, _, context in CrashReport.report(signal, context) }
        // After the report the same instruction runs again, and the signal takes its usual course.
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | Int32(bitPattern: UInt32(SA_RESETHAND))
        for signal in signals {
            sigaction(signal, &action, nil)
        }
    }

    private static func report(_ signal: Int32, _ context: UnsafeMutableRawPointer?) {
        guard let preparation, let context,
            ControlChannel.Identity(of: preparation.descriptor) == preparation.identity
        else { return }
        let frame = preparation.frame
        let addresses = UnsafeMutableRawBufferPointer(rebasing: frame[(ControlFrame.headerLength + 8)...])
        var total = 0
        eachAddress(context, preparation) { _ in total += 1 }
        var index = 0
        var count = 0
        eachAddress(context, preparation) { address in
            // Of a deep recursion both ends: where it trapped, and what began it.
            if index < addressLimit / 2 || index >= total - addressLimit / 2, count < addressLimit {
                addresses.storeBytes(of: address.bigEndian, toByteOffset: 8 * count, as: UInt64.self)
                count += 1
            }
            index += 1
        }
        let length = 8 + 8 * count
        frame[0] = ControlFrame.Kind.crashed.rawValue
        frame.storeBytes(of: UInt32(length).bigEndian, toByteOffset: 1, as: UInt32.self)
        frame.storeBytes(of: UInt32(signal).bigEndian, toByteOffset: 5, as: UInt32.self)
        frame.storeBytes(of: UInt32(count).bigEndian, toByteOffset: 9, as: UInt32.self)
        let size = ControlFrame.headerLength + length
        _ = send(preparation.descriptor, frame.baseAddress, size, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    /// Calls `body` with each address of the program's own code on the way up from `context`, relative to its image.
    private static func eachAddress(
        _ context: UnsafeMutableRawPointer,
        _ preparation: Preparation,
        _ body: (UInt64) -> Void
    ) {
        var program = CrashContext(context, memory: preparation.memory)
        while let address = program.next() {
            guard preparation.image.contains(address) else { continue }
            body(UInt64(address - preparation.image.lowerBound))
        }
    }
}
