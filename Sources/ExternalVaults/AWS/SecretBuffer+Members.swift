internal import SecretJSON
internal import SecretMemory

extension SecretBuffer {
    /// Appends a member that is a string, behind those that are there.
    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        begin(name)
        appendJSONString(value)
    }

    /// Appends a member that is a string and a secret, which must be UTF-8.
    mutating func member(_ name: StaticString, _ value: SecretBytes) {
        begin(name)
        value.withBytes { appendJSONString($0) }
    }

    /// Appends a member that is what `json` writes: a number, a truth value, an array, an object.
    mutating func member(_ name: StaticString, json: String) {
        begin(name)
        append(text: json)
    }

    private mutating func begin(_ name: StaticString) {
        // Behind the opening brace there is no comma.
        if count > 1 { append(UInt8(ascii: ",")) }
        append(text: "\"\(name)\":")
    }
}
