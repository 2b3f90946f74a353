import Glibc

/// Anonymous zeroed pages that are locked into RAM and kept out of core dumps, as far as the kernel allows.
///
/// The value does not own the pages: whoever maps them calls ``unmap()`` once.
// @unchecked: an address, a size and two answers of the kernel, none of which changes. What may be done with the memory
// behind the address is up to the holder of the mapping.
package struct LockedMapping: @unchecked Sendable {
    /// The first byte, aligned to a page.
    package let base: UnsafeMutableRawPointer
    /// The number of bytes, a multiple of the page size.
    package let size: Int
    /// Whether the pages stay in RAM; `false` when `mlock` was refused, usually by `RLIMIT_MEMLOCK`.
    package let isLocked: Bool
    /// Whether the pages may appear in a core dump; `true` when `MADV_DONTDUMP` was refused.
    package let isDumpable: Bool

    /// The bytes in a page of this machine.
    package static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Maps at least `count` bytes.
    package init(atLeast count: Int) {
        let (sum, overflow) = count.addingReportingOverflow(Self.pageSize - 1)
        precondition(count > 0 && !overflow, "secret memory of \(count) bytes cannot be mapped")
        let size = sum / Self.pageSize * Self.pageSize
        let mapping = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping, mapping != MAP_FAILED else {
            // As with Swift's own allocations: a process that is out of address space cannot go on. `fatalError`, because
            // of a failed precondition a release build prints nothing.
            fatalError("no memory left for \(size) bytes of secret memory")
        }
        self.base = mapping
        self.size = size
        self.isDumpable = madvise(mapping, size, Int32(MADV_DONTDUMP)) != 0
        self.isLocked = mlock(mapping, size) == 0
    }

    /// Makes the kernel hand zeroed pages to a child of `fork`; `false` when it cannot (Linux before 4.14).
    package func wipeOnFork() -> Bool {
        madvise(base, size, Int32(MADV_WIPEONFORK)) == 0
    }

    /// Zeroes the pages and gives them back.
    package func unmap() {
        explicit_bzero(base, size)
        munmap(base, size)
    }
}
