import Glibc

/// The memory that the process's arguments lie in, which every user of the machine can read with `ps`.
enum ArgumentVector {
    /// Overwrites the values of `options` with zeros, wherever `--name value` or `--name=value` stands.
    ///
    /// The kernel shows that memory as the process's command line, so the values vanish from there. Between the start
    /// of the process and this call they were visible, and the shell may keep them in its history: standard input is
    /// the better way.
    static func erase(valuesOf options: [String]) {
        guard CommandLine.arguments.contains(where: { argument in options.contains { argument.hasPrefix($0) } }) else {
            return
        }
        guard let memory = argumentMemory() else { return }
        var erasesNext = false
        for argument in memory.split(separator: 0, omittingEmptySubsequences: false) {
            let target = UnsafeMutableRawBufferPointer(rebasing: memory[argument.startIndex..<argument.endIndex])
            if erasesNext {
                zero(target)
                erasesNext = false
                continue
            }
            let text = String(decoding: target, as: UTF8.self)
            erasesNext = options.contains(text)
            if let option = options.first(where: { text.hasPrefix($0 + "=") }) {
                zero(UnsafeMutableRawBufferPointer(rebasing: target[(option.utf8.count + 1)...]))
            }
        }
    }

    private static func zero(_ target: UnsafeMutableRawBufferPointer) {
        guard let start = target.baseAddress else { return }
        explicit_bzero(start, target.count)
    }

    /// Where the kernel says that the arguments lie: fields 48 and 49 of proc_pid_stat(5); `nil` when it does not say.
    private static func argumentMemory() -> UnsafeMutableRawBufferPointer? {
        let descriptor = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        // The command's name, in parentheses, may hold anything, parentheses and spaces included.
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        guard
            fields.count > 46,
            let start = UInt(fields[45]), let end = UInt(fields[46]), start > 0, end > start,
            let address = UnsafeMutableRawPointer(bitPattern: start)
        else { return nil }
        return UnsafeMutableRawBufferPointer(start: address, count: Int(end - start))
    }
}
