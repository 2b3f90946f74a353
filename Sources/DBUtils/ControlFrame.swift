/// One message between a notebook's program and the runner, over the control descriptor.
///
/// ```
/// frame   = kind (1 byte) ‖ length of the payload (4 bytes) ‖ payload
/// number  = 4 bytes          text = its length in bytes (number) ‖ UTF-8         numbers are big-endian
///
/// program to runner                                                             the runner answers
///   0xF5 started    version: number                                             0x81
///   0xF6 cellEnded  cell: number                                                0x81
///   0xF7 text       text                                                        0x81
///   0xF8 table      rows left out: number, columns: number, their names: text…,
///                   rows: number, their cells: text…                            0x81
///   0xF9 failed     type of the error: text, description: text                  0x81
///   0xFA exited     value: text                                                 0x81
///   0xFB widget     name: text                                                  0x82 or 0x83
///   0xFC crashed    signal: number, code addresses: number, each 8 bytes,
///                   relative to the start of the program's image                nothing
/// runner to program
///   0x81 taken      (empty) everything before it has been taken from standard output and standard error
///   0x82 value      text
///   0x83 unknown    names: number, each text
/// ```
///
/// The program sends one frame and waits for the answer before it sends the next. The kinds that it sends are bytes
/// that never occur in UTF-8, so that a program which writes text to the descriptor is found out at its first byte.
struct ControlFrame {
    enum Kind: UInt8 {
        case started = 0xF5
        case cellEnded = 0xF6
        case text = 0xF7
        case table = 0xF8
        case failed = 0xF9
        case exited = 0xFA
        case widget = 0xFB
        case crashed = 0xFC
        case taken = 0x81
        case value = 0x82
        case unknown = 0x83
    }

    /// The version of this protocol.
    static let version = 1
    static let headerLength = 5

    var kind: Kind
    var payload: [UInt8] = []

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// The frame as it goes over the descriptor.
    var bytes: [UInt8] {
        [kind.rawValue] + Self.bigEndian(payload.count) + payload
    }

    mutating func append(_ number: Int) {
        payload += Self.bigEndian(number)
    }

    mutating func append(_ text: String) {
        append(text.utf8.count)
        payload += text.utf8
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        let number = UInt32(clamping: number)
        return (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
}

/// Reads numbers and texts from a payload, front to back.
struct ControlPayload {
    private var rest: ArraySlice<UInt8>

    init(_ payload: [UInt8]) {
        self.rest = payload[...]
    }

    mutating func number() -> Int? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func text() -> String? {
        guard let length = number(), rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return String(decoding: rest.prefix(length), as: UTF8.self)
    }
}
