import Foundation
import SecretCrypto
import Testing

/// A file of test vectors in NIST's form: `[Name = value]` holds for what follows, `Name = value` belongs to a record,
/// a blank line ends it, and a lone word (`FAIL`) is a mark on it.
struct VectorFile {
    struct Record {
        var fields: [String: String]
        var marks: Set<String> = []

        /// The text of a field.
        func text(_ name: String) throws -> String {
            try #require(fields[name], "the record has no field \(name)")
        }

        /// The bytes of a hexadecimal field.
        func bytes(_ name: String) throws -> [UInt8] {
            try hex(text(name))
        }

        /// The number in a field.
        func integer(_ name: String) throws -> Int {
            try #require(Int(text(name)), "the field \(name) is no number")
        }
    }

    private(set) var records: [Record] = []

    /// Reads a file of the Python package `cryptography_vectors`.
    init(path: String) throws {
        let url = try PythonEnvironment.vectorFolder().appendingPathComponent(path)
        var section: [String: String] = [:]
        var record: Record?
        let text = try String(contentsOf: url, encoding: .utf8)
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.isEmpty {
                if let record { records.append(record) }
                record = nil
            } else if text.hasPrefix("[") {
                let field = Self.field(text.trimmingCharacters(in: ["[", "]"]))
                section[field.name] = field.value
            } else if !text.hasPrefix("#") {
                let field = Self.field(text)
                var current = record ?? Record(fields: section)
                if let value = field.value { current.fields[field.name] = value } else { current.marks.insert(text) }
                record = current
            }
        }
        if let record { records.append(record) }
    }

    private static func field(_ text: String) -> (name: String, value: String?) {
        guard let equals = text.firstIndex(of: "=") else { return (text, nil) }
        let value = text[text.index(after: equals)...]
        return (
            text[..<equals].trimmingCharacters(in: .whitespaces), value.trimmingCharacters(in: .whitespaces)
        )
    }
}
