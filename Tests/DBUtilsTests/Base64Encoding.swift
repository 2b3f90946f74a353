/// An encoder of the tests' own, bit by bit as RFC 4648, section 4, says it.
enum Base64Encoding {
    static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        let characters = stride(from: 0, to: bits.count, by: 6).map { start in
            alphabet[(0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? Int(bits[start + $1]) : 0) }]
        }
        return characters + [UInt8](repeating: UInt8(ascii: "="), count: (4 - characters.count % 4) % 4)
    }
}

extension StandInServer.Answer {
    /// What the broker answers to a read of a secret with this value.
    static func value(_ value: some Sequence<UInt8>) -> StandInServer.Answer {
        .json(#"{"key":"k","value":"\#(String(decoding: Base64Encoding.encode(Array(value)), as: UTF8.self))"}"#)
    }
}
