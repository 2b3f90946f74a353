internal import Glibc

/// Where the kernel put the program itself, as opposed to its libraries.
enum ProgramImage {
    /// The addresses of the program's image, from its program headers (ELF-64, `Elf64_Phdr`).
    static func range() -> Range<UInt>? {
        let vector = auxiliaryVector()
        guard let table = vector[UInt(AT_PHDR)], let count = vector[UInt(AT_PHNUM)],
            let headers = UnsafeRawPointer(bitPattern: table)
        else { return nil }
        let headerSize = 56
        var base: UInt?
        var size: UInt = 0
        for header in (0..<Int(count)).map({ headers + $0 * headerSize }) {
            let address = UInt(header.load(fromByteOffset: 16, as: UInt64.self))
            let type = Int(header.load(as: UInt32.self))
            if type == PT_PHDR {
                base = table - address
            } else if type == PT_LOAD {
                size = max(size, address + UInt(header.load(fromByteOffset: 40, as: UInt64.self)))
            }
        }
        return base.map { $0..<($0 + size) }
    }

    /// What the kernel told this process at its start: pairs of a type and a value.
    private static func auxiliaryVector() -> [UInt: UInt] {
        let descriptor = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [:] }
        defer { close(descriptor) }
        var vector: [UInt: UInt] = [:]
        var entry: (type: UInt, value: UInt) = (0, 0)
        let size = MemoryLayout.size(ofValue: entry)
        while withUnsafeMutableBytes(of: &entry, { read(descriptor, $0.baseAddress, size) }) == size {
            vector[entry.type] = entry.value
        }
        return vector
    }
}
