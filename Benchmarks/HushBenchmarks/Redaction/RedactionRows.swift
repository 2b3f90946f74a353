import Glibc
import Redaction
import SecretMemory

/// Redaction within a process: chunks of 64 KiB to a sink that is handed spans.
struct RedactionRows {
    private static let chunkSize = 64 * 1024

    let size: BenchmarkSize

    func measure() async throws -> [BenchmarkRow] {
        var rows: [BenchmarkRow] = []
        for level in [RedactionLevel.literal, .encoded] {
            for count in [1, 10, 100, 1000] {
                let input = RedactionCase(values: count, size: size.redactionBytes)
                rows += try scanning(input, count, level)
            }
        }
        return rows + (try adversarial()) + (try adding())
    }

    private func redactor(_ values: [[UInt8]], _ level: RedactionLevel) throws -> Redactor {
        let pool = SecretPool()
        let redactor = Redactor(level: level, pool: pool)
        for value in values { try redactor.add(SecretBytes(copying: value.span.bytes, in: pool)) }
        return redactor
    }

    /// Bytes a second.
    private func rate(_ text: [UInt8], _ redactor: Redactor) -> Double {
        var written = 0
        return Rate.of(text.count) {
            var stream = redactor.makeStream()
            var start = 0
            while start < text.count {
                let end = min(start + Self.chunkSize, text.count)
                stream.feed(text.span.bytes.extracting(start..<end)) { written += $0.byteCount }
                start = end
            }
            stream.finish { written += $0.byteCount }
        }
    }

    private func copyingRate(_ text: [UInt8]) -> Double {
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 64)
        defer { target.deallocate() }
        return Rate.of(text.count) {
            text.withUnsafeBytes { text in
                var start = 0
                while start < text.count {
                    let end = min(start + Self.chunkSize, text.count)
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: text[start..<end]))
                    start = end
                }
            }
        }
    }

    private func scanning(
        _ input: RedactionCase, _ count: Int, _ level: RedactionLevel
    ) throws -> [BenchmarkRow] {
        let redactor = try redactor(input.values, level)
        var copies: [Double] = []
        var rates: [Double] = []
        for round in 0...size.redactionRounds {
            let copy = copyingRate(input.text)
            let rate = rate(input.text, redactor)
            if round > 0 {
                copies.append(copy)
                rates.append(rate)
            }
        }
        let target: Double? =
            switch (level, count) {
            case (.literal, ...10): 4e9
            case (.literal, _): 3e9
            case (.encoded, 100): 2e9
            default: nil
            }
        return [
            .throughput(
                "\(level), \(count) \(count == 1 ? "value" : "values"), in process", rates.median,
                ceiling: copies.median, atLeast: target)
        ]
    }

    private func adversarial() throws -> [BenchmarkRow] {
        try [RedactionLevel.literal, .encoded].map { level in
            let input = RedactionCase(values: 100, size: 1)
            let redactor = try redactor(input.values, level)
            let text = input.adversarialText(size: size.redactionBytes / 16)
            let rates = (0..<size.redactionRounds).map { _ in rate(text, redactor) }
            return .throughput(
                "\(level), 100 values, their own pieces repeated", rates.median, atLeast: 200e6)
        }
    }

    private func adding() throws -> [BenchmarkRow] {
        try [(RedactionLevel.literal, 0.001), (.encoded, 0.010)].map { level, limit in
            let pool = SecretPool()
            // One less than there may be at the level, for each that is added.
            let values = RedactionCase(values: 1000, size: 1).values
            let rounds = 20
            let redactor = try redactor(Array(values.dropLast(rounds)), level)
            var stream = redactor.makeStream()
            let text = Array("text\n".utf8)
            stream.feed(text.span.bytes) { _ in }
            let clock = ContinuousClock()
            let times = try values.suffix(rounds).map { value in
                let secret = SecretBytes(copying: value.span.bytes, in: pool)
                return try clock.measure {
                    try redactor.add(secret)
                    stream.feed(text.span.bytes) { _ in }
                }.seconds
            }
            return .duration("\(level), a value is added to a stream with 1,000", times.median, atMost: limit)
        }
    }
}
