import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

@Suite struct MemoryTests {
    /// The value is made by another process, comes over the wire and goes back; then this process looks for it in its
    /// own memory.
    @Test func aValueLeavesNoCopyInTheServersMemory() async throws {
        try await TestServer.run { server in
            try await server.fixture.services().createScope(CreateScopeRequest(scope: "s"))
            try await PythonScript.run(
                "memory_probe.py",
                arguments: ["127.0.0.1:\(server.port)", server.administrator, "s"]
            ) { line in
                let needles = line.split(separator: " ").map { digits in
                    stride(from: 0, to: digits.utf8.count, by: 2).compactMap { offset in
                        UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
                    }
                }
                #expect(needles.map(\.count) == [40, 40])
                let copies = try eventually(needles)
                #expect(copies == [0, 0], "of the value, and of its base64")
            }
        }
    }

    /// Connections that were closed a moment ago may still be on their way out: their memory counts only if it stays.
    private func eventually(_ needles: [[UInt8]]) throws -> [Int] {
        var counts: [Int] = []
        for _ in 0..<20 {
            counts = try needles.map { try ProcessMemory.count(of: $0) }
            if counts == [0, 0] { break }
        }
        return counts
    }

    @Test func whatIsInMemoryIsFound() throws {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 3 << 20, alignment: 16)
        defer { block.deallocate() }
        var masked: [UInt8] = []
        for _ in 0..<40 { masked.append(UInt8.random(in: 0...255)) }
        #expect(try ProcessMemory.count(of: masked) == 0)
        // Wherever it lies, also across the borders of the pieces that are read.
        for position in [0, (1 << 20) - 20, (1 << 20), (2 << 20) + 7, block.count - 40] {
            for (offset, byte) in masked.enumerated() { block[position + offset] = ~byte }
            // While other tests map and unmap memory the list of it may leave out a part for a moment.
            var count = 0
            for _ in 0..<20 where count != 1 { count = try ProcessMemory.count(of: masked) }
            #expect(count == 1, "at \(position)")
            for offset in masked.indices { block[position + offset] = 0 }
        }
    }
}
