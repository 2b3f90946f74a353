package import SecretMemory

/// Reads the PEM form (RFC 7468) of keys and certificates, without leaving copies of them behind.
package enum PEM {
    /// One block: what stands on its lines of dashes, and its bytes.
    package struct Block: Sendable {
        /// What it is, such as `PRIVATE KEY`.
        package let label: String
        /// The bytes that its text stands for.
        package let bytes: SecretBytes
    }

    private static let dashes = Array("-----".utf8)
    private static let longestLabel = 64

    /// All blocks of a text. What stands between them is passed over, and so is a block that is not base64, such as one
    /// with headers.
    package static func blocks(of text: SecretBytes, in pool: SecretPool) -> [Block] {
        text.withBytes { text in
            var blocks: [Block] = []
            var position = 0
            while let (label, start) = boundary("BEGIN ", in: text, from: position),
                let (closing, next) = boundary("END ", in: text, from: start)
            {
                position = next
                guard closing == label else { continue }
                var body = SecretBuffer(in: pool)
                let end = next - "-----END -----".utf8.count - label.utf8.count
                for offset in start..<end {
                    let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                    if byte > 0x20 { body.append(byte) }
                }
                guard let bytes = body.withBytes({ Base64.decode($0, in: pool) }) else { continue }
                blocks.append(Block(label: label, bytes: bytes))
            }
            return blocks
        }
    }

    /// The label of the next boundary of that kind, and the offset behind it.
    private static func boundary(_ kind: String, in text: RawSpan, from: Int) -> (label: String, end: Int)? {
        let opening = dashes + Array(kind.utf8)
        var position = from
        while position + opening.count <= text.byteCount {
            guard isThere(opening, in: text, at: position) else {
                position += 1
                continue
            }
            var label: [UInt8] = []
            var end = position + opening.count
            while end < text.byteCount, label.count <= longestLabel, !isThere(dashes, in: text, at: end) {
                label.append(text.unsafeLoad(fromByteOffset: end, as: UInt8.self))
                end += 1
            }
            guard isThere(dashes, in: text, at: end), label.count <= longestLabel else {
                position += opening.count
                continue
            }
            return (String(decoding: label, as: UTF8.self), end + dashes.count)
        }
        return nil
    }

    private static func isThere(_ bytes: [UInt8], in text: RawSpan, at offset: Int) -> Bool {
        offset + bytes.count <= text.byteCount
            && bytes.indices.allSatisfy { text.unsafeLoad(fromByteOffset: offset + $0, as: UInt8.self) == bytes[$0] }
    }
}
