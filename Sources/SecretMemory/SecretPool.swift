import Glibc
import Synchronization

/// Memory for secrets: slabs of pages that are locked into RAM, kept out of core dumps, and zeroed on release.
///
/// Blocks come in powers of two from 64 bytes to 16 KiB, carved out of 64 KiB slabs; anything larger gets a mapping
/// of its own. Slabs stay with the pool and are used again. Locking is best effort: where the kernel refuses
/// (`RLIMIT_MEMLOCK`), the pool still hands out memory and says so in ``report``.
public final class SecretPool: Sendable {
    /// What the kernel granted.
    public struct Report: Sendable, Hashable {
        /// Bytes of all live mappings.
        public var mappedBytes = 0
        /// Of those, the bytes that could not be locked into RAM and may be swapped out.
        public var unlockedBytes = 0
        /// Of those, the bytes that could not be kept out of core dumps.
        public var dumpableBytes = 0

        mutating func add(_ mapping: LockedMapping) {
            mappedBytes += mapping.size
            if !mapping.isLocked { unlockedBytes += mapping.size }
            if mapping.isDumpable { dumpableBytes += mapping.size }
        }

        mutating func remove(_ mapping: LockedMapping) {
            mappedBytes -= mapping.size
            if !mapping.isLocked { unlockedBytes -= mapping.size }
            if mapping.isDumpable { dumpableBytes -= mapping.size }
        }
    }

    /// A block handed out by the pool; given back with ``release(_:)``.
    // @unchecked: an address and a size. Only the holder of a block touches its memory, and the pool only while no one
    // holds it.
    struct Block: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
        /// The block's whole size, at least what was asked for.
        let capacity: Int
    }

    private struct State {
        /// The blocks that no one holds, by size class; all of them are zero throughout.
        var freeBlocks = [[Block]](repeating: [], count: SizeClass.count)
        var slabs: [LockedMapping] = []
        /// The live mappings that hold one block each, by address.
        var ownMappings: [UnsafeMutableRawPointer: LockedMapping] = [:]
        var report = Report()
    }

    private enum SizeClass {
        static let smallestBlock = 64
        static let largestBlock = 16 * 1024
        static let count = index(for: largestBlock) + 1

        /// The class with the smallest blocks that hold `count` bytes.
        static func index(for count: Int) -> Int {
            guard count > smallestBlock else { return 0 }
            return (Int.bitWidth - (count - 1).leadingZeroBitCount) - smallestBlock.trailingZeroBitCount
        }
    }

    private static let slabSize = 64 * 1024

    private let state = Mutex(State())

    /// Creates an empty pool; memory is mapped when it is first asked for.
    public init() {}

    // Every block's holder keeps the pool alive, so no block is out when this runs.
    deinit {
        state.withLock { state in
            for slab in state.slabs {
                slab.unmap()
            }
        }
    }

    /// What the kernel granted for the mappings that are live now.
    public var report: Report {
        state.withLock { $0.report }
    }

    /// Returns a zeroed block of at least `count` bytes.
    func allocate(_ count: Int) -> Block {
        if count > SizeClass.largestBlock { return allocateOwnMapping(count) }
        let sizeClass = SizeClass.index(for: count)
        return state.withLock { state in
            if let block = state.freeBlocks[sizeClass].popLast() { return block }
            let slab = LockedMapping(atLeast: Self.slabSize)
            state.slabs.append(slab)
            state.report.add(slab)
            let capacity = SizeClass.smallestBlock << sizeClass
            // Last to first, so that blocks are handed out in the order of their addresses.
            for offset in stride(from: Self.slabSize - capacity, to: 0, by: -capacity) {
                state.freeBlocks[sizeClass].append(Block(base: slab.base + offset, capacity: capacity))
            }
            return Block(base: slab.base, capacity: capacity)
        }
    }

    /// Zeroes the whole block and takes it back.
    func release(_ block: Block) {
        if block.capacity > SizeClass.largestBlock {
            releaseOwnMapping(block)
            return
        }
        explicit_bzero(block.base, block.capacity)
        state.withLock { $0.freeBlocks[SizeClass.index(for: block.capacity)].append(block) }
    }

    private func allocateOwnMapping(_ count: Int) -> Block {
        let mapping = LockedMapping(atLeast: count)
        state.withLock { state in
            state.ownMappings[mapping.base] = mapping
            state.report.add(mapping)
        }
        return Block(base: mapping.base, capacity: mapping.size)
    }

    private func releaseOwnMapping(_ block: Block) {
        // Out of the table before the address is given back: another thread may be handed the same one at once.
        let mapping = state.withLock { state in
            let mapping = state.ownMappings.removeValue(forKey: block.base)
            if let mapping { state.report.remove(mapping) }
            return mapping
        }
        guard let mapping else { preconditionFailure("a block was released that its pool does not know") }
        mapping.unmap()
    }
}
