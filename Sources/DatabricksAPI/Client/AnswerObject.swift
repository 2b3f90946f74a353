internal import SecretJSON
internal import SecretScopes

/// An object of an answer. It borrows nothing: the text is handed to each call.
struct AnswerObject {
    let members: [String: JSONValue]
    private let value: JSONValue

    /// Checks that all of `body` is one JSON object.
    init(_ body: RawSpan) throws(AnswerNotUnderstood) {
        guard let value = try? JSONValue(parsing: body) else { throw AnswerNotUnderstood() }
        try self.init(value, in: body)
    }

    private init(_ value: JSONValue, in body: RawSpan) throws(AnswerNotUnderstood) {
        guard let members = try? value.members(in: body) else { throw AnswerNotUnderstood() }
        self.members = members
        self.value = value
    }

    /// The members that are texts, in their order.
    func texts(in body: RawSpan) throws(AnswerNotUnderstood) -> [(name: String, value: String)] {
        var texts: [(name: String, value: String)] = []
        var scanner = JSONScanner(value.range)
        do {
            try scanner.object(in: body) { name, value throws(JSONSyntaxError) in
                guard
                    let name = JSONValue(kind: .string, range: name).text(in: body), let text = value.text(in: body)
                else { return }
                texts.append((name, text))
            }
        } catch {
            throw AnswerNotUnderstood()
        }
        return texts
    }

    func text(_ name: String, in body: RawSpan) throws(AnswerNotUnderstood) -> String {
        guard let text = members[name]?.text(in: body) else { throw AnswerNotUnderstood() }
        return text
    }

    /// The text of a member that may be absent or `null`.
    func optionalText(_ name: String, in body: RawSpan) -> String? {
        members[name]?.text(in: body)
    }

    func integer(_ name: String, in body: RawSpan) throws(AnswerNotUnderstood) -> Int64 {
        guard let integer = members[name]?.integer(in: body) else { throw AnswerNotUnderstood() }
        return integer
    }

    /// A member that is an object.
    func object(_ name: String, in body: RawSpan) throws(AnswerNotUnderstood) -> AnswerObject {
        guard let value = members[name] else { throw AnswerNotUnderstood() }
        return try AnswerObject(value, in: body)
    }

    /// The elements of an array of objects; none when the member is absent.
    func list<Element>(
        _ name: String,
        in body: RawSpan,
        _ element: (AnswerObject, RawSpan) throws(AnswerNotUnderstood) -> Element
    ) throws(AnswerNotUnderstood) -> [Element] {
        guard let value = members[name] else { return [] }
        guard let values = try? value.elements(in: body) else { throw AnswerNotUnderstood() }
        var elements: [Element] = []
        for value in values {
            elements.append(try element(AnswerObject(value, in: body), body))
        }
        return elements
    }

    /// The elements of an array of texts; none when the member is absent.
    func texts(_ name: String, in body: RawSpan) -> [String] {
        guard let elements = try? members[name]?.elements(in: body) else { return [] }
        return elements.compactMap { $0.text(in: body) }
    }
}

extension Identifier {
    /// The identifier for one that a server made: its own form, or a number as Databricks has them, or the beginning of a
    /// longer one in hexadecimal digits.
    init?(wireID: String) {
        if let id = Self(wireID) {
            self = id
        } else if wireID.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(wireID) {
            self.init(high: 0, low: number)
        } else if let id = Self(String(wireID.prefix(2 * Self.byteCount))) {
            self = id
        } else {
            return nil
        }
    }
}
