internal import Yams

/// The documents of a YAML text, without what manifests do not use.
///
/// Every plain scalar is a text: `no`, `1.0` and `~` are read as they stand. Anchors and aliases are refused, since a
/// few nested ones make a text of a kilobyte larger than memory.
struct YAMLText {
    private let parser: Parser
    private let file: String

    init(_ text: String, file: String) throws(ManifestProblem) {
        self.file = file
        if let (line, column) = Self.firstOfManyAliases(in: text) {
            throw ManifestProblem(Self.aliasMessage, at: SourcePosition(file: file, line: line, column: column))
        }
        do {
            self.parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
        } catch {
            throw Self.problem(error, file: file)
        }
    }

    /// Calls `body` with the root of each document that is not empty.
    func forEachDocument(_ body: (Node) -> Void) throws(ManifestProblem) {
        do {
            while let root = try parser.nextRoot() {
                if let anchor = firstAnchor(in: root) {
                    throw ManifestProblem(Self.aliasMessage, at: anchor)
                }
                guard root.scalar.map({ $0.string.isEmpty }) != true else { continue }
                body(root)
            }
        } catch let problem as ManifestProblem {
            throw problem
        } catch {
            throw Self.problem(error, file: file)
        }
    }

    private static let aliasMessage = "anchors and aliases are not used in manifests. Write the text out."

    /// Where the first node with an anchor stands. An alias stands behind its anchor, so the search ends before it
    /// would descend into one.
    private func firstAnchor(in node: Node) -> SourcePosition? {
        if node.anchor != nil {
            return SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                if let position = firstAnchor(in: key) ?? firstAnchor(in: value) { return position }
            }
        case .sequence(let sequence):
            for element in sequence {
                if let position = firstAnchor(in: element) { return position }
            }
        case .scalar, .alias:
            break
        }
        return nil
    }

    /// How many aliases a text may seem to hold before it is refused unparsed. Sixteen cannot do harm: nested, they
    /// repeat what they name a few hundred times.
    private static let mostAliases = 16

    /// Finds the first of more than ``mostAliases`` aliases, or of what looks like one.
    ///
    /// The parser hashes the keys of a mapping while it builds it, and to hash an alias of aliases takes time that
    /// grows exponentially with their number; so they must be found before it parses.
    private static func firstOfManyAliases(in text: String) -> (line: Int, column: Int)? {
        var count = 0
        var first: (line: Int, column: Int)?
        var line = 0
        for content in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            guard content.contains(UInt8(ascii: "*")) else { continue }
            guard content.first(where: { $0 != UInt8(ascii: " ") }) != UInt8(ascii: "#") else { continue }
            var isAfterStar = false
            for (offset, byte) in content.enumerated() {
                if isAfterStar, isNameCharacter(byte) {
                    count += 1
                    if first == nil { first = (line, offset) }
                }
                isAfterStar = byte == UInt8(ascii: "*")
            }
        }
        return count > mostAliases ? first : nil
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The parser's own words, which describe the syntax and quote nothing from the text, at their place.
    private static func problem(_ error: any Error, file: String) -> ManifestProblem {
        func problem(_ message: String, _ mark: Mark?) -> ManifestProblem {
            ManifestProblem(
                "\(message).",
                at: SourcePosition(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
            )
        }
        switch error as? YamlError {
        case .scanner(_, _, let mark, let text) where isTab(at: mark, in: text):
            return problem("a tab cannot indent a line. Use spaces", mark)
        case .scanner(let context, let reason, let mark, _), .parser(let context, let reason, let mark, _),
            .composer(let context, let reason, let mark, _):
            return problem([context?.text, reason].compactMap { $0 }.joined(separator: ": "), mark)
        case .reader(let reason, _, _, _):
            return problem("not a YAML text: \(reason)", nil)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            return problem("\(names) stands more than once in the same mapping", context.mark)
        default:
            return problem("not a YAML text", nil)
        }
    }

    private static func isTab(at mark: Mark, in text: String) -> Bool {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard mark.line <= lines.count else { return false }
        // A tab that cannot begin a token stands behind nothing but white space, so columns are bytes here.
        return lines[mark.line - 1].dropFirst(mark.column - 1).first == UInt8(ascii: "\t")
    }
}
