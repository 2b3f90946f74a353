internal import SecretJSON
internal import SecretMemory

/// The fields of one object in a JSON text, which stays where it is.
struct JSONFields {
    private let members: [String: JSONValue]

    /// The fields of a value; `nil` when it is no object, or one that has a field twice.
    init?(_ value: JSONValue?, in bytes: RawSpan) {
        guard let value, let members = try? value.members(in: bytes) else { return nil }
        self.members = members
    }

    /// The names of the fields.
    var names: [String] { members.keys.sorted() }

    /// The value of a field; `nil` when there is none, or it is `null`.
    subscript(_ name: String) -> JSONValue? {
        members[name].flatMap { $0.kind == .null ? nil : $0 }
    }

    /// The text of a field that is no secret.
    func text(_ name: String, in bytes: RawSpan) -> String? { self[name]?.text(in: bytes) }

    /// The bytes of a field that is one.
    func secret(_ name: String, in bytes: RawSpan, pool: SecretPool) -> SecretBytes? {
        self[name]?.secret(in: bytes, pool: pool)
    }

    /// A whole number, which many services write as a text.
    func integer(_ name: String, in bytes: RawSpan) -> Int64? {
        guard let value = self[name] else { return nil }
        return value.integer(in: bytes) ?? value.text(in: bytes).flatMap { Int64($0) }
    }

    /// Whether a field is `true`.
    func isTrue(_ name: String) -> Bool { self[name]?.kind == .boolean(true) }

    /// The fields of an object in it.
    func fields(_ name: String, in bytes: RawSpan) -> JSONFields? { JSONFields(self[name], in: bytes) }

    /// The elements of an array in it.
    func elements(_ name: String, in bytes: RawSpan) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        return (try? value.elements(in: bytes)) ?? nil
    }
}

extension SecretBytes {
    /// What `read` takes out of the bytes, when they are a JSON object; `nil` when they are not.
    func readingJSON<R>(_ read: (JSONFields, RawSpan) throws(VaultFailure) -> R?) throws(VaultFailure) -> R? {
        try withBytes { bytes throws(VaultFailure) in
            guard let value = try? JSONValue(parsing: bytes), let fields = JSONFields(value, in: bytes) else {
                return nil
            }
            return try read(fields, bytes)
        }
    }
}

extension VaultAnswer {
    /// What `read` takes out of the answer's body.
    ///
    /// - Throws: ``VaultFailure`` with `notUnderstood` when the body is no JSON object, or `read` finds nothing.
    func reading<R>(_ read: (JSONFields, RawSpan) throws(VaultFailure) -> R?) throws(VaultFailure) -> R {
        guard let result = try body.readingJSON(read) else {
            throw VaultFailure(.notUnderstood, detail: "its answer is not what such answers look like")
        }
        return result
    }
}
