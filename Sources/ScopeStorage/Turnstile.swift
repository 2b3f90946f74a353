import CLinux
import Glibc
import SecretMemory

/// Lets processes write in turn.
///
/// SQLite's own lock goes to whoever tries at the right moment: a second process can wait for seconds. Here a writer
/// takes *next*, waits for *current*, and gives *next* up, so that at most one process stands between the writer and
/// its turn. Both are `flock` locks, which the kernel gives up when a process dies.
///
/// The file of *current* also holds the workspace's generation as of the last turn, so that all processes can tell
/// without a transaction whether what they remember is still true.
struct Turnstile: ~Copyable, Sendable {
    private let next: Int32
    private let current: Int32

    /// The two lock files.
    static func files(prefix: String) -> [String] {
        [prefix + ".next.lock", prefix + ".current.lock"]
    }

    /// Opens (and if need be creates) the two lock files, whose names begin with `prefix`.
    ///
    /// - Throws: `SystemCallError` when a file cannot be opened.
    init(prefix: String) throws(SystemCallError) {
        let files = Self.files(prefix: prefix)
        let next = try Self.open(files[0])
        do {
            current = try Self.open(files[1])
        } catch {
            close(next)
            throw error
        }
        self.next = next
    }

    deinit {
        close(next)
        close(current)
    }

    /// Runs `body` when it is this process's turn.
    func withTurn<Result>(_ body: () throws -> Result) throws -> Result {
        try Self.lock(next)
        do {
            try Self.lock(current)
        } catch {
            flock(next, LOCK_UN)
            throw error
        }
        flock(next, LOCK_UN)
        defer { flock(current, LOCK_UN) }
        return try body()
    }

    /// Tells all processes the generation that the store has now. Only for whoever has the turn.
    func announce(_ generation: Int64) {
        guard generation != announcedGeneration else { return }
        let isWritten = withUnsafeBytes(of: generation.bigEndian) { bytes in
            pwrite(current, bytes.baseAddress, bytes.count, 0) == bytes.count
        }
        // Rather nothing than what is not true any more.
        if !isWritten { ftruncate(current, 0) }
    }

    /// The generation that was announced last; `nil` when none was.
    var announcedGeneration: Int64? {
        var generation: Int64 = 0
        let count = withUnsafeMutableBytes(of: &generation) { pread(current, $0.baseAddress, $0.count, 0) }
        return count == MemoryLayout<Int64>.size ? Int64(bigEndian: generation) : nil
    }

    private static func open(_ path: String) throws(SystemCallError) -> Int32 {
        let descriptor = clinux_open_lock_file(path)
        guard descriptor >= 0 else { throw SystemCallError(call: "open \(path)", number: errno) }
        return descriptor
    }

    private static func lock(_ descriptor: Int32) throws(SystemCallError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SystemCallError(call: "flock", number: errno) }
        }
    }
}
