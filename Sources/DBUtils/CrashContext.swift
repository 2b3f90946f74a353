internal import Glibc

/// Walks from the instruction that a signal interrupted up through its callers, along the frame pointers.
///
/// Usable in a signal handler: it neither allocates nor locks, and reads memory through the kernel, so that a damaged
/// stack ends the walk and not the process.
struct CrashContext {
    private var instruction: UInt?
    private var framePointer: UInt
    /// `/proc/self/mem`, open for reading, or -1.
    private let memory: Int32

    #if arch(x86_64)
        static let isSupported = true
        // `ucontext_t`: flags and link (16 bytes), stack (24), then the registers in the order of <sys/ucontext.h>.
        private static let framePointerOffset = 40 + 8 * 10
        private static let instructionOffset = 40 + 8 * 16
    #elseif arch(arm64)
        static let isSupported = true
        // `ucontext_t`: flags and link (16 bytes), stack (24), signal mask (128), padding to 16, then `sigcontext`:
        // the fault address and the registers x0 to x30, sp, pc.
        private static let framePointerOffset = 176 + 8 + 8 * 29
        private static let instructionOffset = 176 + 8 + 8 * 32
    #else
        static let isSupported = false
        private static let framePointerOffset = 0
        private static let instructionOffset = 0
    #endif

    init(_ context: UnsafeMutableRawPointer, memory: Int32) {
        self.memory = memory
        self.instruction = context.load(fromByteOffset: Self.instructionOffset, as: UInt.self)
        self.framePointer = context.load(fromByteOffset: Self.framePointerOffset, as: UInt.self)
    }

    /// The next code address: first the interrupted instruction, then the call in each caller.
    mutating func next() -> UInt? {
        if let instruction {
            self.instruction = nil
            return instruction
        }
        guard framePointer != 0, framePointer % 8 == 0 else { return nil }
        var record: (caller: UInt, returnAddress: UInt) = (0, 0)
        let size = MemoryLayout.size(ofValue: record)
        let isRead = withUnsafeMutableBytes(of: &record) { record in
            pread(memory, record.baseAddress, size, off_t(framePointer)) == size
        }
        // Frames lie towards higher addresses; anything else is no chain.
        guard isRead, record.returnAddress != 0, record.caller == 0 || record.caller > framePointer else { return nil }
        framePointer = record.caller
        return record.returnAddress - 1
    }
}
