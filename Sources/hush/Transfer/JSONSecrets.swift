import SecretJSON
import SecretMemory

/// JSON objects whose members are secrets.
enum JSONSecrets {
    /// The members of an object, each of which must be a text.
    ///
    /// - Throws: ``SecretTextProblem`` with the place of what is none, or of a name that stands there twice.
    static func secrets(in text: SecretBytes, pool: SecretPool) throws(SecretTextProblem) -> [NamedSecret] {
        try text.withBytes { bytes throws(SecretTextProblem) in
            do throws(JSONSyntaxError) {
                let document = try JSONValue(parsing: bytes)
                guard document.kind == .object else {
                    throw JSONSyntaxError(reason: "not a JSON object", offset: document.range.lowerBound)
                }
                var secrets: [NamedSecret] = []
                var known: Set<String> = []
                var scanner = JSONScanner(document.range)
                try scanner.object(in: bytes) { range, value throws(JSONSyntaxError) in
                    let name = JSONValue(kind: .string, range: range).text(in: bytes) ?? ""
                    guard known.insert(name).inserted else {
                        throw JSONSyntaxError(reason: "\(name) stands here again", offset: range.lowerBound)
                    }
                    guard let secret = value.secret(in: bytes, pool: pool) else {
                        throw JSONSyntaxError(
                            reason: "the value of \(name) is no text; put it in quotes", offset: value.range.lowerBound)
                    }
                    secrets.append(NamedSecret(name: name, value: secret))
                }
                return secrets
            } catch {
                throw problem(error, in: bytes)
            }
        }
    }

    /// An object with one member a line.
    ///
    /// - Throws: ``SecretTextProblem`` when a value is no text in UTF-8.
    static func text(of secrets: [NamedSecret], pool: SecretPool) throws(SecretTextProblem) -> SecretBytes {
        var text = SecretBuffer(in: pool)
        text.append(UInt8(ascii: "{"))
        for (index, secret) in secrets.enumerated() {
            text.append(text: index == 0 ? "\n  " : ",\n  ")
            text.appendJSONString(secret.name)
            text.append(text: ": ")
            guard secret.value.withBytes({ UTF8Sequence.isValid($0) }) else {
                throw SecretTextProblem(reason: "the value is no text in UTF-8, and JSON holds texts alone")
            }
            secret.value.withBytes { text.appendJSONString($0) }
        }
        text.append(text: secrets.isEmpty ? "}\n" : "\n}\n")
        return text.finish()
    }

    private static func problem(_ error: JSONSyntaxError, in bytes: RawSpan) -> SecretTextProblem {
        var line = 1
        var start = 0
        for offset in 0..<min(error.offset, bytes.byteCount)
        where bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) == UInt8(ascii: "\n") {
            line += 1
            start = offset + 1
        }
        return SecretTextProblem(line: line, column: error.offset - start + 1, reason: error.reason)
    }
}
