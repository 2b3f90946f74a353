/// Writes JSON without white space, for everything that is not secret.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///     json.member("name", "payments")
/// }
/// // {"name":"payments"}
/// ```
package struct JSONWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Writes an object whose members `body` writes.
    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        body(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Writes a member that is a string; nothing when there is none.
    package mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        self.name(name)
        bytes.appendJSONString(value)
    }

    /// Writes a member that is a number.
    package mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Writes a member that is a truth value.
    package mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes a member that is an object whose members `body` writes.
    package mutating func member(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        object(body)
    }

    /// Writes a member with a name that is made up while the program runs, and that is an object.
    package mutating func member(named name: String, _ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.appendJSONString(name)
        bytes.append(UInt8(ascii: ":"))
        object(body)
    }

    /// Writes a member with a name that is made up while the program runs, and that is a string.
    package mutating func member(named name: String, _ value: String) {
        separate()
        bytes.appendJSONString(name)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendJSONString(value)
    }

    /// Writes a member with a name that is made up while the program runs, and that is an array of strings.
    package mutating func member(named name: String, _ elements: [String]) {
        separate()
        bytes.appendJSONString(name)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: "["))
        for element in elements { self.element(element) }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes a member that is an array with one element per element of `elements`.
    package mutating func member<Element>(
        _ name: StaticString,
        _ elements: [Element],
        _ element: (inout JSONWriter, Element) -> Void
    ) {
        self.name(name)
        bytes.append(UInt8(ascii: "["))
        for item in elements {
            element(&self, item)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes an element that is a string.
    package mutating func element(_ value: String) {
        separate()
        bytes.appendJSONString(value)
    }

    private mutating func name(_ name: StaticString) {
        separate()
        bytes.appendJSONString(name.description)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes the comma before a member or an element, unless it is the first one.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}

extension ByteSink where Self: ~Copyable {
    /// Appends `text` as it is.
    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0).bytes) }
    }

    /// Appends `text` in quotes, with the escapes that JSON needs.
    package mutating func appendJSONString(_ text: String) {
        var text = text
        text.withUTF8 { appendJSONString(UnsafeRawBufferPointer($0).bytes) }
    }

    /// Appends `bytes`, which must be UTF-8, in quotes, with the escapes that JSON needs.
    package mutating func appendJSONString(_ bytes: RawSpan) {
        append(UInt8(ascii: "\""))
        var copied = 0
        for position in 0..<bytes.byteCount {
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            append(bytes.extracting(copied..<position))
            appendJSONEscape(byte)
            copied = position + 1
        }
        append(bytes.extracting(copied..<bytes.byteCount))
        append(UInt8(ascii: "\""))
    }

    private mutating func appendJSONEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        case 0x00..<0x20:
            append(text: "u00")
            append(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 0x0F
            append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        default: append(byte)
        }
    }
}
