internal import Glibc
@_spi(CustomByteBufferAllocator) package import NIOCore

extension ByteBufferAllocator {
    /// An allocator whose memory is overwritten before it goes back to the system.
    ///
    /// A connection's own buffers come from it, so what a client sent and what it was answered does not stay behind in
    /// freed memory, wherever the bytes were copied to on their way through the channel.
    package static let erasing = ByteBufferAllocator(
        allocate: { ErasedMemory.allocate($0) },
        reallocate: { ErasedMemory.reallocate($0, to: $2) },
        deallocate: { ErasedMemory.deallocate($0) },
        copy: { $0.copyMemory(from: $1, byteCount: $2) }
    )
}

/// `malloc` and `free` with the size of each block kept in front of it, since `free` is not told.
private enum ErasedMemory {
    /// As `malloc` aligns, so that what lies behind the size is aligned in the same way.
    private static let headerSize = 16

    static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        guard let start = malloc(count + headerSize) else { return nil }
        start.storeBytes(of: count, as: Int.self)
        return start + headerSize
    }

    static func reallocate(_ block: UnsafeMutableRawPointer?, to count: Int) -> UnsafeMutableRawPointer? {
        guard let block else { return allocate(count) }
        guard let larger = allocate(count) else { return nil }
        larger.copyMemory(from: block, byteCount: min(size(of: block), count))
        deallocate(block)
        return larger
    }

    static func deallocate(_ block: UnsafeMutableRawPointer) {
        explicit_bzero(block, size(of: block))
        free(block - headerSize)
    }

    private static func size(of block: UnsafeMutableRawPointer) -> Int {
        (block - headerSize).load(as: Int.self)
    }
}

extension ByteBuffer {
    /// Overwrites the readable bytes for everybody who shares them.
    ///
    /// The buffer's own mutations would copy shared memory first and leave the original as it is. Only for bytes that
    /// nobody else reads, such as a piece of a request's body: the parser has gone past it when it hands it over.
    package func overwriteReadableBytes() {
        withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
