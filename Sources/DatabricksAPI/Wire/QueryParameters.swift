public import SecretScopes

/// The query of a `GET`, such as `scope=payments&key=api-key`, in any order.
public struct QueryParameters: Sendable, Hashable {
    private var values: [String: String] = [:]

    /// Creates a query from names and values.
    public init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// Reads the part of a target behind its question mark.
    ///
    /// `+` and `%20` both stand for a space, since clients write either.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `MALFORMED_REQUEST` when an escape is cut off or is not hexadecimal,
    ///   when the text is not UTF-8, or when a name stands there twice.
    public init(parsing query: some StringProtocol) throws(ScopeError) {
        // Bytes in an array, since every request with a query comes by here: generic text costs several times as much.
        let bytes = Array(query.utf8)
        for parameter in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = parameter.firstIndex(of: UInt8(ascii: "=")) ?? parameter.endIndex
            let name = try Self.decode(parameter[..<equals])
            let value = equals == parameter.endIndex ? "" : try Self.decode(parameter[equals...].dropFirst())
            guard values.updateValue(value, forKey: name) == nil else {
                throw ScopeError(.malformedRequest, "A query parameter stands there twice.")
            }
        }
    }

    /// The value of a parameter; `nil` when it is absent.
    public subscript(_ name: String) -> String? {
        values[name]
    }

    /// The value of a parameter that must be there.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when it is absent.
    func required(_ name: String) throws(ScopeError) -> String {
        guard let value = values[name] else { throw .missingField(name) }
        return value
    }

    /// The query as a target's part behind the question mark, by name.
    public var encoded: String {
        values.sorted { $0.key < $1.key }
            .map { Self.encode($0.key) + "=" + Self.encode($0.value) }
            .joined(separator: "&")
    }

    private static func decode(_ text: ArraySlice<UInt8>) throws(ScopeError) -> String {
        if !text.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "%") }),
            let plain = String(validating: text, as: UTF8.self)
        {
            return plain
        }
        var bytes: [UInt8] = []
        var rest = text.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
                    throw ScopeError(.malformedRequest, "The query has a wrong percent escape.")
                }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw ScopeError(.malformedRequest, "The query is not valid UTF-8.")
        }
        return decoded
    }

    private static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
