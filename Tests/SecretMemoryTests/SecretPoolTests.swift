import Foundation
import Glibc
import Testing

@testable import SecretMemory

struct SecretPoolTests {
    private let pool = SecretPool()

    @Test(arguments: [
        (0, 64), (1, 64), (64, 64), (65, 128), (128, 128), (129, 256), (4096, 4096), (4097, 8192), (16_384, 16_384),
    ])
    func blocksComeInPowersOfTwo(count: Int, capacity: Int) {
        let block = pool.allocate(count)
        #expect(block.capacity == capacity)
        pool.release(block)
    }

    @Test func largerBlocksAreWholePagesOfTheirOwn() {
        let block = pool.allocate(16_385)
        #expect(block.capacity >= 16_385)
        #expect(block.capacity % LockedMapping.pageSize == 0)
        #expect(pool.report.mappedBytes == block.capacity)
        pool.release(block)
        #expect(pool.report == SecretPool.Report())
    }

    @Test func slabIsMappedOnceAndUsedAgain() {
        #expect(pool.report.mappedBytes == 0, "nothing is mapped before it is needed")
        let count = 64 * 1024 / 256
        for _ in 0..<3 {
            let blocks = (0..<count).map { _ in pool.allocate(256) }
            #expect(Set(blocks.map(\.base)).count == count)
            #expect(pool.report.mappedBytes == 64 * 1024)
            blocks.forEach(pool.release)
        }
        let blocks = (0...count).map { _ in pool.allocate(256) }
        #expect(pool.report.mappedBytes == 2 * 64 * 1024)
        blocks.forEach(pool.release)
    }

    @Test func liveBlocksNeverOverlap() {
        let counts = (0..<3000).map { index in [1, 60, 64, 100, 300, 1000, 5000, 16_384, 20_000][index * 7 % 9] }
        let blocks = counts.map { pool.allocate($0) }.sorted { $0.base < $1.base }
        for (block, next) in zip(blocks, blocks.dropFirst()) {
            #expect(block.base + block.capacity <= next.base)
        }
        blocks.forEach(pool.release)
    }

    @Test func threadsNeverShareABlock() async {
        let pool = self.pool
        let failures = await withTaskGroup(of: Int.self, returning: Int.self) { group in
            for worker in 1...8 {
                group.addTask {
                    (0..<500).count { round in
                        let count = [16, 64, 200, 3000, 20_000][(round + worker) % 5]
                        let block = pool.allocate(count)
                        defer { pool.release(block) }
                        let bytes = UnsafeMutableRawBufferPointer(start: block.base, count: count)
                        guard bytes.allSatisfy({ $0 == 0 }) else { return true }
                        bytes.initializeMemory(as: UInt8.self, repeating: UInt8(worker))
                        return !bytes.allSatisfy { $0 == UInt8(worker) }
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(failures == 0)
    }

    /// `lo`: locked; `dd`: left out of dumps (proc(5), VmFlags).
    @Test(.disabled(if: sanitizerIsActive, "sanitizers turn mlock off"), arguments: [100, 100_000])
    func pagesAreLockedAndKeptOutOfDumps(count: Int) throws {
        let block = pool.allocate(count)
        defer { pool.release(block) }
        let flags = try #require(try Self.memoryFlags(at: block.base))
        #expect(flags.contains("dd") == (pool.report.dumpableBytes == 0))
        #expect(flags.contains("lo") == (pool.report.unlockedBytes == 0))
    }

    /// Without the right to lock anything, pools work, say so, and forget what they gave back.
    @Test(.disabled(if: sanitizerIsActive, "sanitizers turn mlock off"))
    func refusedLocksAreReportedAsLongAsTheirMappingLives() async {
        await #expect(processExitsWith: .success) {
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            try #require(setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &none) == 0)
            // The superuser may lock whatever the limit says.
            if geteuid() == 0 { try #require(seteuid(65534) == 0) }

            let pool = SecretPool()
            let small = pool.allocate(100)
            let slab = pool.report
            #expect(slab.mappedBytes == 64 * 1024)
            #expect(slab.unlockedBytes == 64 * 1024)
            let large = pool.allocate(100_000)
            #expect(pool.report.unlockedBytes == slab.unlockedBytes + large.capacity)
            pool.release(large)
            #expect(pool.report == slab)
            pool.release(small)
            #expect(pool.report == slab)
        }
    }

    /// In a process of its own: here another test's pool may be mapped at the same place a moment later.
    @Test func mappingIsGivenBackWithItsPool() async {
        await #expect(processExitsWith: .success) {
            let address: UnsafeMutableRawPointer
            do {
                let pool = SecretPool()
                let block = pool.allocate(100)
                address = block.base
                let flags = try SecretPoolTests.memoryFlags(at: address)
                #expect(flags?.contains("dd") == true)
                pool.release(block)
            }
            // Something else may have been mapped there since, but not with this flag.
            let flags = try SecretPoolTests.memoryFlags(at: address)
            #expect(flags?.contains("dd") != true)
        }
    }

    /// `wf`: zeroed in the child of a fork (proc(5), VmFlags).
    @Test func mappingCanBeWipedOnFork() throws {
        let mapping = LockedMapping(atLeast: 1)
        defer { mapping.unmap() }
        #expect(mapping.size == LockedMapping.pageSize)
        #expect(try Self.memoryFlags(at: mapping.base)?.contains("wf") == false)
        #expect(mapping.wipeOnFork())
        #expect(try Self.memoryFlags(at: mapping.base)?.contains("wf") == true)
    }

    /// The flags of the mapping that holds `address`, or nil when there is none.
    private static func memoryFlags(at address: UnsafeMutableRawPointer) throws -> Set<String>? {
        // To its end: the file's size says zero.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        var isWanted = false
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            let bounds = words[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
            if bounds.count == 2 {
                isWanted = bounds[0] <= UInt(bitPattern: address) && UInt(bitPattern: address) < bounds[1]
            } else if isWanted, words[0] == "VmFlags:" {
                return Set(words.dropFirst().map(String.init))
            }
        }
        return nil
    }
}

/// Whether the process runs under the address or the thread sanitizer.
private var sanitizerIsActive: Bool {
    dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
}
