@testable import SecretMemory

/// `count` bytes, none of which is zero.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8($0 % 251 + 1) }
}

extension RawSpan {
    /// A copy of the bytes.
    var array: [UInt8] {
        withUnsafeBytes { Array($0) }
    }
}

/// The block that a pool hands out next, and whether all of it was zero then.
struct ReusedBlock {
    let block: SecretPool.Block
    let isZero: Bool

    init(pool: SecretPool, count: Int) {
        let block = pool.allocate(count)
        self.block = block
        self.isZero = UnsafeRawBufferPointer(start: block.base, count: block.capacity).allSatisfy { $0 == 0 }
    }
}
