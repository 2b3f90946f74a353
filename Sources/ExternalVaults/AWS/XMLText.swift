internal import SecretJSON
internal import SecretMemory

/// Finds the texts of elements in an XML document of the simple kind that AWS' query protocol answers with: elements and
/// text. What is more than that is not understood, above all no declaration of entities.
enum XMLText {
    /// The text of the first element `name` that stands directly in an element `parent`; `nil` when there is none. Not for
    /// secrets.
    static func text(of name: String, in parent: String, _ document: RawSpan) -> String? {
        guard let range = range(of: name, in: parent, document) else { return nil }
        var text: [UInt8] = []
        guard unescape(document.extracting(range), into: &text) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text of such an element as a secret.
    static func secret(of name: String, in parent: String, _ document: RawSpan, pool: SecretPool) -> SecretBytes? {
        guard let range = range(of: name, in: parent, document) else { return nil }
        var text = SecretBuffer(in: pool)
        guard unescape(document.extracting(range), into: &text) else { return nil }
        return text.finish()
    }

    private static func range(of name: String, in parent: String, _ document: RawSpan) -> Range<Int>? {
        var open: [String] = []
        var position = 0
        while let start = find("<", document, from: position), let end = find(">", document, from: start) {
            position = end + 1
            guard end - start > 1 else { return nil }
            switch byte(document, start + 1) {
            case UInt8(ascii: "?"): continue
            case UInt8(ascii: "!"): return nil
            case UInt8(ascii: "/"):
                guard open.popLast() == localName(document.extracting((start + 2)..<end)) else { return nil }
            default:
                guard byte(document, end - 1) != UInt8(ascii: "/") else { continue }
                let tag = localName(document.extracting((start + 1)..<end))
                if tag == name, open.last == parent {
                    return find("<", document, from: position).map { position..<$0 }
                }
                open.append(tag)
            }
        }
        return nil
    }

    /// The name of a tag without attributes and prefix.
    private static func localName(_ tag: RawSpan) -> String {
        var name: [UInt8] = []
        for position in 0..<tag.byteCount {
            let byte = byte(tag, position)
            if byte <= 0x20 { break }
            if byte == UInt8(ascii: ":") { name.removeAll() } else { name.append(byte) }
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func find(_ character: Unicode.Scalar, _ text: RawSpan, from start: Int) -> Int? {
        var position = start
        while position < text.byteCount {
            if byte(text, position) == UInt8(ascii: character) { return position }
            position += 1
        }
        return nil
    }

    private static func byte(_ text: RawSpan, _ position: Int) -> UInt8 {
        text.unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }

    private static func unescape<Sink: ByteSink & ~Copyable>(_ text: RawSpan, into sink: inout Sink) -> Bool {
        var position = 0
        while position < text.byteCount {
            guard byte(text, position) == UInt8(ascii: "&") else {
                sink.append(byte(text, position))
                position += 1
                continue
            }
            guard let end = find(";", text, from: position), end - position <= 10 else { return false }
            var name: [UInt8] = []
            name.append(text.extracting((position + 1)..<end))
            guard let scalar = scalar(String(decoding: name, as: UTF8.self)) else { return false }
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { sink.append(unit) }
            position = end + 1
        }
        return true
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": "&"
        case "lt": "<"
        case "gt": ">"
        case "quot": "\""
        case "apos": "'"
        case _ where name.hasPrefix("#x"): UInt32(name.dropFirst(2), radix: 16).flatMap { Unicode.Scalar($0) }
        case _ where name.hasPrefix("#"): UInt32(name.dropFirst()).flatMap { Unicode.Scalar($0) }
        default: nil
        }
    }
}
