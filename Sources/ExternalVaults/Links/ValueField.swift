internal import SecretJSON
package import SecretMemory

/// The field of a JSON value that a link reads, named by a JSON pointer (RFC 6901): `#/password`, `/databases/0/user`.
package struct ValueField: Sendable, Hashable {
    private let path: [String]

    /// Reads a pointer; `nil` when it is none.
    package init?(_ text: String) {
        let pointer = text.hasPrefix("#") ? text.dropFirst() : text[...]
        guard pointer.hasPrefix("/") else { return nil }
        var path: [String] = []
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let part = String(part)
            let rest = part.replacing("~0", with: "").replacing("~1", with: "")
            guard !rest.contains("~") else { return nil }
            path.append(part.replacing("~1", with: "/").replacing("~0", with: "~"))
        }
        self.path = path
    }

    /// The field's value: a text as it is, everything else as it is written in JSON.
    ///
    /// - Throws: ``VaultFailure`` with `notFound` when the value has no such field, with `refused` when it is no JSON.
    package func value(in secret: SecretBytes, pool: SecretPool) throws(VaultFailure) -> SecretBytes {
        let found = secret.withBytes { bytes -> Result<SecretBytes, VaultFailure> in
            do {
                var value = try JSONValue(parsing: bytes)
                for name in path {
                    var next: JSONValue?
                    if let members = try value.members(in: bytes) {
                        next = members[name]
                    } else if let elements = try value.elements(in: bytes), let index = Int(name), String(index) == name
                    {
                        next = elements.indices.contains(index) ? elements[index] : nil
                    }
                    guard let next else {
                        return .failure(VaultFailure(.notFound, detail: "its value has no such field"))
                    }
                    value = next
                }
                if let text = value.secret(in: bytes, pool: pool) { return .success(text) }
                return .success(SecretBytes(copying: bytes.extracting(value.range), in: pool))
            } catch {
                return .failure(VaultFailure(.refused, detail: "the link reads a field, but the value is no JSON"))
            }
        }
        return try found.get()
    }
}
