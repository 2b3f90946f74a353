internal import Glibc

/// Bytes that are zeroed when they go or move: a request with its token, an answer with a value.
struct WipedBytes: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    /// The number of bytes collected so far.
    private(set) var count = 0

    init(capacity: Int = 256) {
        self.storage = .allocate(byteCount: max(capacity, 16), alignment: 16)
    }

    deinit {
        Self.free(storage)
    }

    /// The bytes; valid only as long as nothing is appended.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[..<count])
    }

    mutating func append(_ byte: UInt8) {
        reserve(1)
        storage[count] = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Lets `fill` write up to `room` bytes behind the last one; it returns how many it wrote, or less than 0.
    mutating func append(room: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        reserve(room)
        let written = fill(UnsafeMutableRawBufferPointer(rebasing: storage[count..<(count + room)]))
        count += max(written, 0)
        return written
    }

    /// Forgets the first `number` bytes.
    mutating func removeFirst(_ number: Int) {
        let rest = count - number
        guard let base = storage.baseAddress, number > 0 else { return }
        memmove(base, base + number, rest)
        explicit_bzero(base + rest, number)
        count = rest
    }

    private mutating func reserve(_ room: Int) {
        guard count + room > storage.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count + room, storage.count * 2),
            alignment: 16
        )
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        Self.free(storage)
        storage = larger
    }

    private static func free(_ storage: UnsafeMutableRawBufferPointer) {
        if let base = storage.baseAddress { explicit_bzero(base, storage.count) }
        storage.deallocate()
    }
}
