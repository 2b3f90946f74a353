import RepeatableRandomness
import Testing

@testable import DBUtils

@Suite struct WipedBytesTests {
    @Test func bytesAreThoseThatWereAppendedAndNotForgotten() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            var bytes = WipedBytes(capacity: random.number(0...40))
            var model: [UInt8] = []
            for _ in 0..<random.number(0...30) {
                let piece = random.bytes(random.number(0...50))
                switch random.number(0...4) {
                case 0:
                    bytes.append(0xA5)
                    model.append(0xA5)
                case 1:
                    piece.withUnsafeBytes { bytes.append($0) }
                    model += piece
                case 2:
                    let text = String(decoding: piece, as: UTF8.self)
                    bytes.append(text)
                    model += text.utf8
                case 3:
                    let written = bytes.append(room: piece.count + 10) { room in
                        room.copyBytes(from: piece)
                        return piece.count
                    }
                    #expect(written == piece.count)
                    model += piece
                default:
                    let number = random.number(0...model.count)
                    bytes.removeFirst(number)
                    model.removeFirst(number)
                }
                guard bytes.count == model.count, bytes.bytes.elementsEqual(model) else {
                    Issue.record("seed \(random.seed)")
                    return
                }
            }
        }
    }

    /// What is forgotten does not stay behind the bytes that are left.
    @Test func forgottenBytesAreZeroed() {
        var bytes = WipedBytes(capacity: 64)
        bytes.append("a secret value, and the rest")
        bytes.removeFirst(16)
        #expect(String(decoding: bytes.bytes, as: UTF8.self) == "and the rest")
        var leftOver: [UInt8] = []
        _ = bytes.append(room: 16) { room in
            leftOver = [UInt8](room)
            return 0
        }
        #expect(leftOver == [UInt8](repeating: 0, count: 16))
        #expect(bytes.count == 12)
    }

    @Test func failureToFillAddsNothing() {
        var bytes = WipedBytes()
        bytes.append("x")
        #expect(bytes.append(room: 4) { _ in -1 } == -1)
        #expect(bytes.count == 1)
    }
}
