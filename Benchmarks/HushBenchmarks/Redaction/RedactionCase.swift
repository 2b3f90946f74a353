/// Values, and text like that of logs in which one of them stands about every 64 KiB.
struct RedactionCase {
    /// SplitMix64: the same numbers on every machine.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)
    private static let words = [
        "GET", "POST", "/api/2.0/jobs/runs/list", "/health", "200", "404", "connection", "accepted", "from",
        "10.0.3.17",
        "user=ana@example.com", "took", "ms", "INFO", "WARN", "retrying", "request_id=", "cluster", "started", "worker",
        "records", "written", "to", "table", "main.sales.orders", "(partition", "2026-03-01)", "status:", "ok",
        "bytes=",
    ].map { Array($0.utf8) }
    private static let distance = 64 * 1024

    let values: [[UInt8]]
    let text: [UInt8]

    /// `count` values of 8 to 64 bytes, and `size` bytes of text.
    init(values count: Int, size: Int) {
        var generator = Generator(state: UInt64(count))
        values = (0..<count).map { _ in
            (0..<Int.random(in: 8...64, using: &generator)).map { _ in
                Self.letters.randomElement(using: &generator) ?? 0
            }
        }
        var text: [UInt8] = []
        text.reserveCapacity(size + 256)
        var nextHit = Self.distance / 2
        var line = 0
        while text.count < size {
            line += 1
            text += Array("2026-03-01T12:\(10 + line / 60 % 50):\(10 + line % 50).\(100 + line % 900)Z ".utf8)
            for _ in 0..<Int.random(in: 5...14, using: &generator) {
                text += Self.words.randomElement(using: &generator) ?? []
                text.append(0x20)
            }
            if text.count > nextHit {
                text += Array("token=".utf8) + (values.randomElement(using: &generator) ?? [])
                nextHit += Self.distance
            }
            text.append(0x0A)
        }
        self.text = text
    }

    /// `size` bytes that are hard to look through: the values' own beginnings, and pieces of them, again and again.
    func adversarialText(size: Int) -> [UInt8] {
        var generator = Generator(state: 7)
        var text: [UInt8] = []
        while text.count < size {
            guard let value = values.randomElement(using: &generator) else { break }
            text += value.dropLast()
            text += value.dropFirst(value.count / 2).prefix(6)
        }
        return text
    }
}
