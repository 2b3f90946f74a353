import SecretScopes

/// A JSON document to print. Not for values, which would leave copies behind.
indirect enum JSON {
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    case null
    case array([JSON])
    /// Members in the order in which a line shows them; the indented form sorts them.
    case object([(name: String, value: JSON)])

    /// A text, or `null` when there is none.
    static func optional(_ text: String?) -> JSON {
        text.map { .text($0) } ?? .null
    }

    /// The form that people read: members sorted by name, two spaces per level, a line end at the end.
    var indented: String {
        var text = ""
        write(to: &text, indentation: "\n", sorted: true)
        return text + "\n"
    }

    /// The form for one document per line, without white space and without a line end.
    var line: String {
        var text = ""
        write(to: &text, indentation: nil, sorted: false)
        return text
    }

    private func write(to text: inout String, indentation: String?, sorted: Bool) {
        switch self {
        case .text(let value): Self.append(value, to: &text)
        case .integer(let value): text += String(value)
        case .boolean(let value): text += value ? "true" : "false"
        case .null: text += "null"
        case .array(let elements):
            Self.list(elements, "[", "]", to: &text, indentation: indentation) { element, text, deeper in
                element.write(to: &text, indentation: deeper, sorted: sorted)
            }
        case .object(let members):
            let members = sorted ? members.sorted { $0.name < $1.name } : members
            Self.list(members, "{", "}", to: &text, indentation: indentation) { member, text, deeper in
                text += Self.quoted(member.name) + (deeper == nil ? ":" : ": ")
                member.value.write(to: &text, indentation: deeper, sorted: sorted)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element],
        _ opening: String,
        _ closing: String,
        to text: inout String,
        indentation: String?,
        element: (Element, inout String, String?) -> Void
    ) {
        text += opening
        let deeper = indentation.map { $0 + "  " }
        for (position, item) in elements.enumerated() {
            if position > 0 { text += "," }
            text += deeper ?? ""
            element(item, &text, deeper)
        }
        if !elements.isEmpty { text += indentation ?? "" }
        text += closing
    }

    /// `text` in quotes, with the escapes that RFC 8259 asks for.
    static func quoted(_ text: String) -> String {
        var result = ""
        append(text, to: &result)
        return result
    }

    /// Appends `text` in quotes, with the escapes that RFC 8259 asks for.
    static func append(_ text: String, to result: inout String) {
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        result += "\""
        defer { result += "\"" }
        if isPlain {
            result += text
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
