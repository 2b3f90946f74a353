/// Reads files of variables: a `NAME=VALUE` a line, as they are common under the name `.env`.
///
/// Empty lines and lines that begin with `#` are left out, and so is the word `export` in front of a name. The value is
/// everything behind the first `=`, as it stands there; one pair of quotes around the whole of it is taken off.
public enum EnvironmentFile {
    /// A line that is no variable.
    public struct Failure: Error, Sendable, Hashable {
        /// The line's number, from 1.
        public let line: Int
        /// What is wrong with it; never a value.
        public let reason: String
    }

    /// The variables of a file. Of two with the same name, the later one counts.
    ///
    /// - Throws: ``Failure`` for the first line that is none.
    public static func variables(in text: String) throws(Failure) -> [String: String] {
        var variables: [String: String] = [:]
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            var rest = trimmed(line)
            if rest.isEmpty || rest.hasPrefix("#") { continue }
            if rest.hasPrefix("export ") { rest = trimmed(rest.dropFirst("export ".count)) }
            guard let equals = rest.firstIndex(of: "=") else {
                throw Failure(line: index + 1, reason: "there is no = in it")
            }
            let name = String(rest[..<equals])
            guard isName(name) else {
                throw Failure(line: index + 1, reason: "what stands before the = is no name of a variable")
            }
            variables[name] = unquoted(rest[rest.index(after: equals)...])
        }
        return variables
    }

    /// Whether `text` can name a variable: letters, digits and underscores, no digit in front.
    public static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let rest = text.drop { $0 == " " || $0 == "\t" }
        guard let last = rest.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return rest[...last]
    }

    private static func unquoted(_ value: Substring) -> String {
        for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
            return String(value.dropFirst().dropLast())
        }
        return String(value)
    }
}
