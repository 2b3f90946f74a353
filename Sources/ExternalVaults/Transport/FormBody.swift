internal import SecretJSON
internal import SecretMemory

/// The body of a form (`application/x-www-form-urlencoded`), made in secret memory: token endpoints are told secrets so.
struct FormBody: ~Copyable {
    /// What the header `Content-Type` says of it.
    static let contentType = (name: "Content-Type", value: "application/x-www-form-urlencoded")

    private var buffer: SecretBuffer

    init(in pool: SecretPool) {
        self.buffer = SecretBuffer(in: pool)
    }

    /// Adds a field that is no secret.
    mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        PercentEncoding.encode(Array(value.utf8).span.bytes, into: &buffer)
    }

    /// Adds a field that is one.
    mutating func add(_ name: StaticString, _ secret: SecretBytes) {
        begin(name)
        secret.withBytes { PercentEncoding.encode($0, into: &buffer) }
    }

    private mutating func begin(_ name: StaticString) {
        if buffer.count > 0 { buffer.append(UInt8(ascii: "&")) }
        buffer.append(text: name.description)
        buffer.append(UInt8(ascii: "="))
    }

    /// The body.
    consuming func finish() -> SecretBytes {
        buffer.finish()
    }
}
