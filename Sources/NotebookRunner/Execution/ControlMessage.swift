/// What a notebook's program tells the runner over the control descriptor.
///
/// The format is documented at `ControlFrame` in the module `DBUtils`, the other end: a kind (1 byte), the length of
/// the payload (4 bytes, big-endian), the payload. The program may be anything and send anything: whatever is not
/// exactly of that form ends the conversation.
enum ControlMessage: Sendable, Equatable {
    case started(version: Int)
    case cellEnded(Int)
    case text(String)
    case table(DisplayedTable)
    case failed(type: String, description: String)
    case exited(String)
    case widget(String)
    case crashed(signal: Int32, addresses: [UInt64])

    /// The version of the protocol that this runner speaks.
    static let version = 1

    enum Answer: Sendable {
        case taken
        case value(String)
        case unknown([String])

        var bytes: [UInt8] {
            var payload: [UInt8] = []
            func append(_ number: Int) {
                payload += withUnsafeBytes(of: UInt32(clamping: number).bigEndian) { [UInt8]($0) }
            }
            func append(_ text: String) {
                append(text.utf8.count)
                payload += text.utf8
            }
            let kind: UInt8
            switch self {
            case .taken:
                kind = 0x81
            case .value(let value):
                kind = 0x82
                append(value)
            case .unknown(let names):
                kind = 0x83
                append(names.count)
                names.forEach(append)
            }
            let body = payload
            payload = []
            append(body.count)
            return [kind] + payload + body
        }
    }
}

/// A table that is to be displayed, not yet laid out.
struct DisplayedTable: Sendable, Equatable {
    var columns: [String]
    var rows: [[String]]
    /// How many more rows there were.
    var rowsLeftOut: Int
}
