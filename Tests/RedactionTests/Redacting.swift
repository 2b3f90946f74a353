import Redaction
import SecretMemory

/// A short way to make secrets and to collect what a stream hands out.
extension SecretBytes {
    convenience init(_ bytes: [UInt8], in pool: SecretPool) {
        self.init(copying: bytes.span.bytes, in: pool)
    }
}

extension Redactor {
    convenience init(
        _ values: [String],
        level: RedactionLevel = .literal,
        pool: SecretPool = SecretPool()
    ) throws {
        try self.init(values.map { Array($0.utf8) }, level: level, pool: pool)
    }

    convenience init(_ values: [[UInt8]], level: RedactionLevel = .literal, pool: SecretPool) throws {
        self.init(level: level, pool: pool)
        for value in values { try add(SecretBytes(value, in: pool)) }
    }

    /// What comes out when the chunks are fed one after the other.
    func output(of chunks: [[UInt8]]) -> [UInt8] {
        var stream = CollectingStream(of: self)
        for chunk in chunks { stream.feed(chunk) }
        stream.finish()
        return stream.output
    }
}

struct CollectingStream: ~Copyable {
    private var stream: RedactionStream
    private(set) var output: [UInt8] = []

    init(of redactor: Redactor) {
        stream = redactor.makeStream()
    }

    var text: String { String(decoding: output, as: UTF8.self) }
    var heldByteCount: Int { stream.heldByteCount }

    mutating func feed(_ bytes: [UInt8]) {
        stream.feed(bytes.span.bytes) { $0.withUnsafeBytes { output.append(contentsOf: $0) } }
    }

    mutating func feed(_ text: String) {
        feed(Array(text.utf8))
    }

    mutating func releaseIdle(onTerminal isTerminal: Bool = true) {
        stream.releaseIdle(onTerminal: isTerminal) { $0.withUnsafeBytes { output.append(contentsOf: $0) } }
    }

    mutating func finish() {
        stream.finish { $0.withUnsafeBytes { output.append(contentsOf: $0) } }
    }
}
