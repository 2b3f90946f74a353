/// One message between a notebook's program and the runner, over the control descriptor.
///
/// ```
/// frame   = kind (1 byte) ‖ length of the payload (4 bytes) ‖ payload
/// number  = 4 bytes          text = its length in bytes (number) ‖ UTF-8         numbers are big-endian
///
/// program to runner                                                             the runner answers
///   0x01 started    version: number                                             0x81
///   0x02 cellEnded  cell: number                                                0x81
///   0x03 text       text                                                        0x81
///   0x04 table      rows left out: number, columns: number, their names: text…,
///                   rows: number, their cells: text…                            0x81
///   0x05 failed     type of the error: text, description: text                  0x81
///   0x06 exited     value: text                                                 0x81
///   0x07 widget     name: text                                                  0x82 or 0x83
///   0x08 crashed    signal: number, code addresses: number, each 8 bytes,
///                   relative to the start of the program's image                nothing
/// runner to program
///   0x81 taken      (empty) everything before it has been taken from standard output and standard error
///   0x82 value      text
///   0x83 unknown    names: number, each text
/// ```
///
/// The program sends one frame and waits for the answer before it sends the next.
struct ControlFrame {
    enum Kind: UInt8 {
        case started = 0x01
        case cellEnded = 0x02
        case text = 0x03
        case table = 0x04
        case failed = 0x05
        case exited = 0x06
        case widget = 0x07
        case crashed = 0x08
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
