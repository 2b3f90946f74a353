import SecretMemory

/// Blocks of PEM (RFC 7468), such as a private key: of each its text without line breaks, and the bytes that it stands for.
/// Certificates and public keys are no secrets.
enum PEMStructure: ValueStructure {
    static let name = "PEM block"

    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let publicLabels = ["CERTIFICATE", "PUBLIC KEY", "CERTIFICATE REQUEST", "X509 CRL", "PARAMETERS"]
        .map { Array($0.utf8) }

    static func parts(of value: RawSpan, in pool: SecretPool) -> [SecretBytes] {
        var parts: [SecretBytes] = []
        var position = 0
        while let start = find(begin, in: value, from: position),
            let labelEnd = find(dashes, in: value, from: start + begin.count),
            let blockEnd = find(end, in: value, from: labelEnd)
        {
            let label = value.extracting(start + begin.count..<labelEnd)
            if !publicLabels.contains(where: { ends(label, with: $0) }) {
                parts += contents(of: value.extracting(labelEnd + dashes.count..<blockEnd), in: pool)
            }
            position = blockEnd
        }
        return parts
    }

    /// Whether `line` is one that begins or ends a block: it is the same for everybody.
    static func isArmour(_ line: RawSpan) -> Bool {
        (starts(line, with: begin) || starts(line, with: end)) && ends(line, with: dashes)
    }

    private static func contents(of body: RawSpan, in pool: SecretPool) -> [SecretBytes] {
        var buffer = SecretBuffer(in: pool)
        // Behind the headers of an old encrypted key, which end with an empty line.
        var start = 0
        for position in 0..<body.byteCount where body[byte: position] == UInt8(ascii: ":") {
            start = position
        }
        if start > 0 {
            while start < body.byteCount, body[byte: start] != .lineFeed { start += 1 }
        }
        for position in start..<body.byteCount where !body[byte: position].isWhitespace {
            buffer.append(body[byte: position])
        }
        let text = buffer.finish()
        guard text.count > 0 else { return [] }
        let decoded = text.withBytes { Base64.decode($0, in: pool) }
        return [text] + (decoded.map { [$0] } ?? [])
    }

    private static func find(_ text: [UInt8], in value: RawSpan, from start: Int) -> Int? {
        guard value.byteCount >= text.count, start <= value.byteCount - text.count else { return nil }
        return (start...value.byteCount - text.count).first { position in
            text.indices.allSatisfy { value[byte: position + $0] == text[$0] }
        }
    }

    private static func starts(_ line: RawSpan, with text: [UInt8]) -> Bool {
        line.byteCount >= text.count && text.indices.allSatisfy { line[byte: $0] == text[$0] }
    }

    private static func ends(_ label: RawSpan, with text: [UInt8]) -> Bool {
        let start = label.byteCount - text.count
        return start >= 0 && text.indices.allSatisfy { label[byte: start + $0] == text[$0] }
    }
}
