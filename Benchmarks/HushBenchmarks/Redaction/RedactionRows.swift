import Glibc
import Redaction
import SecretMemory

/// Redaction within a process: chunks of 64 KiB to a sink that is handed spans. Beside it other libraries, which are given
/// the whole text in one call, and copying the text in such chunks, which is the ceiling.
struct RedactionRows {
    private static let chunkSize = 64 * 1024

    let size: BenchmarkSize
    let peers: RedactionPeers

    func measure() async throws -> [BenchmarkRow] {
        var rows: [BenchmarkRow] = []
        for level in [RedactionLevel.literal, .encoded] {
            for count in [1, 10, 100, 1000] {
                let input = RedactionCase(values: count, size: size.redactionBytes)
                rows += try await scanning(input, count, level)
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
    ) async throws -> [BenchmarkRow] {
        let redactor = try redactor(input.values, level)
        // They know no encodings.
        let libraries = level == .literal ? RedactionPeers.libraries : []
        let rates = try await RedactionFolder.with(input) { folder in
            try await Interleaving.measure(
                rounds: size.redactionRounds,
                [{ copyingRate(input.text) }, { rate(input.text, redactor) }]
                    + libraries.map { library in { try peers.scanningRate(of: library, in: folder) } })
        }
        let hyperscan = libraries.firstIndex(of: "hyperscan").map { rates[2 + $0].median } ?? 0
        let target: Double? =
            switch (level, count) {
            case (.literal, ...10): 4e9
            case (.literal, _): max(3e9, hyperscan)
            case (.encoded, 100): 2e9
            default: nil
            }
        let values = "\(count) \(count == 1 ? "value" : "values"), in process"
        let own = BenchmarkRow.throughput(
            "\(level), \(values)", rates[1].median, ceiling: rates[0].median, atLeast: target)
        return [own]
            + libraries.enumerated().map { number, library in
                .throughput("\(library), \(values)", rates[2 + number].median, ceiling: rates[0].median)
            }
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
