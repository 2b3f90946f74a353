/// The path in an address: of a file or directory of this machine, or in a vault.
struct AddressPath: Hashable {
    /// The path itself: absolute, without empty segments, `.` and `..`.
    let text: String
    /// The path as it stands in an address.
    let addressForm: String
    /// Its segments, at least one.
    let segments: [String]

    /// Reads an address' path, in which `%20` stands for a space and so on.
    init?(_ path: String) {
        var text: [UInt8] = []
        var bytes = path.utf8[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard
                    bytes.count >= 2, let escaped = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16),
                    escaped != 0, escaped != UInt8(ascii: "/")
                else { return nil }
                bytes = bytes.dropFirst(2)
                text.append(escaped)
            } else {
                text.append(byte)
            }
        }
        guard let whole = String(validating: text, as: UTF8.self), whole.hasPrefix("/") else { return nil }
        let segments = whole.split(separator: "/")
        guard !segments.isEmpty, !segments.contains(where: { $0 == "." || $0 == ".." }) else { return nil }
        self.segments = segments.map(String.init)
        self.text = "/" + segments.joined(separator: "/")
        self.addressForm = self.text.utf8.reduce(into: "") { form, byte in
            // What addresses cannot hold, and what would be read as an escape.
            if (0x21...0x7E).contains(byte), !"%?#".utf8.contains(byte) {
                form.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                form += "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
        }
    }
}
