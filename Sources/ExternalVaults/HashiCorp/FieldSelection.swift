internal import SecretJSON
internal import SecretMemory

/// Which field of a secret is its value.
///
/// It is the one that the link names. Without that it is `value`; or else the only one that there is; or else all of them are,
/// as JSON. A value that is no text stands in base64 in a field whose name ends in `_b64`.
struct FieldSelection: Sendable {
    /// What the name of a field ends in whose value stands in base64.
    private static let mark = "_b64"
    private static let usualField = "value"

    /// The field that the link names.
    let property: String?

    private var field: String { property ?? Self.usualField }

    /// The value of a secret.
    ///
    /// - Throws: ``VaultFailure``: `notFound` when the field that the link names is not there, `checksumMismatch` when it is
    ///   not the base64 that it should be.
    func value(of secret: KeyValueSecret, pool: SecretPool) throws(VaultFailure) -> SecretBytes {
        if let value = try value(field, of: secret, pool: pool) { return value }
        guard property == nil else {
            throw VaultFailure(.notFound, detail: "the secret has no field of the name that the option property has")
        }
        let names = secret.names
        if names.count == 1, let value = try value(Self.base(of: names[0]), of: secret, pool: pool) { return value }
        return secret.whole(pool: pool)
    }

    /// The value of a field, also when it stands there in base64.
    func value(_ name: String, of secret: KeyValueSecret, pool: SecretPool) throws(VaultFailure) -> SecretBytes? {
        if let value = secret.field(name, pool: pool) { return value }
        guard let text = secret.field(name + Self.mark, pool: pool) else { return nil }
        guard let value = text.withBytes({ Base64.decode($0, in: pool) }) else {
            throw VaultFailure(.checksumMismatch, detail: "a field whose name ends in \(Self.mark) is not base64")
        }
        return value
    }

    /// The field that a new value is written to.
    ///
    /// - Throws: ``VaultFailure`` with `unacceptable` when the secret has several and none is known to be the value.
    func target(in secret: KeyValueSecret?) throws(VaultFailure) -> String {
        guard let secret, property == nil else { return field }
        let names = Set(secret.names.map { Self.base(of: $0) })
        if names.isEmpty || names.contains(field) { return field }
        guard names.count == 1, let only = names.first else {
            throw VaultFailure(
                .unacceptable,
                detail:
                    "the secret has several fields and none is named value; the option property tells which one to write"
            )
        }
        return only
    }

    /// The names that a field has, as text and in base64.
    static func names(of field: String) -> Set<String> { [field, field + mark] }

    /// The keys that a secret's fields are.
    static func keys(of secret: KeyValueSecret) -> [String] {
        Set(secret.names.map { base(of: $0) }).sorted()
    }

    /// Appends a field with a value as a member of an object.
    static func append(_ value: SecretBytes, as field: String, to buffer: inout SecretBuffer, pool: SecretPool) {
        let isText = value.withBytes { UTF8Sequence.isValid($0) }
        buffer.appendJSONString(isText ? field : field + mark)
        buffer.append(text: ":")
        if isText {
            value.withBytes { buffer.appendJSONString($0) }
        } else {
            buffer.append(text: "\"")
            value.withBytes { Base64.encode($0, in: pool) }.withBytes { buffer.append($0) }
            buffer.append(text: "\"")
        }
    }

    private static func base(of name: String) -> String {
        name.hasSuffix(mark) && name.count > mark.count ? String(name.dropLast(mark.count)) : name
    }
}
