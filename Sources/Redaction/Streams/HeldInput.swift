import Glibc

/// Input that a stream holds back. Zeroed wherever it is let go.
// @unchecked: the memory belongs to one value, which cannot be copied.
struct HeldInput: ~Copyable, @unchecked Sendable {
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var range = 0..<0

    deinit {
        Self.free(memory)
    }

    var count: Int { range.count }

    /// The bytes, until the next change.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[range])
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        makeRoom(for: bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: memory[range.upperBound...]).copyMemory(from: bytes)
        range = range.lowerBound..<(range.upperBound + bytes.count)
    }

    mutating func removeFirst(_ number: Int) {
        Self.zero(UnsafeMutableRawBufferPointer(rebasing: memory[range.prefix(number)]))
        range.removeFirst(number)
        if range.isEmpty { range = 0..<0 }
    }

    mutating func removeAll() {
        removeFirst(count)
    }

    private mutating func makeRoom(for number: Int) {
        guard memory.count - range.upperBound < number else { return }
        let wanted = count + number
        // Moving the bytes within the memory pays only when at least as many have been removed since the last time.
        let fits = wanted <= memory.count && count <= range.lowerBound
        let target =
            fits ? memory : .allocate(byteCount: max(2 * wanted, 64), alignment: MemoryLayout<UInt64>.alignment)
        target.copyMemory(from: bytes)
        if fits {
            Self.zero(UnsafeMutableRawBufferPointer(rebasing: memory[range]))
        } else {
            Self.free(memory)
        }
        memory = target
        range = 0..<count
    }

    private static func zero(_ memory: UnsafeMutableRawBufferPointer) {
        guard let base = memory.baseAddress else { return }
        explicit_bzero(base, memory.count)
    }

    private static func free(_ memory: UnsafeMutableRawBufferPointer) {
        zero(memory)
        memory.deallocate()
    }
}
