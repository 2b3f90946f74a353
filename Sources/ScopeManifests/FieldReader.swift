internal import SecretScopes
internal import Yams

/// Reads the fields of one file's documents and notes everything that is wrong, so that one run shows all of it.
struct FieldReader {
    let file: String
    private(set) var problems: [ManifestProblem] = []

    init(file: String) {
        self.file = file
    }

    /// A member of a mapping.
    struct Field {
        let name: Located<String>
        let value: Node
    }

    mutating func note(_ message: String, at position: SourcePosition) {
        problems.append(ManifestProblem(message, at: position))
    }

    mutating func note(_ problem: ManifestProblem) {
        problems.append(problem)
    }

    func position(of node: Node) -> SourcePosition {
        SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// The members of the mapping `node`, which `what` names in messages. Nothing at all counts as an empty mapping.
    mutating func fields(of node: Node, in what: String) -> [Field] {
        guard let mapping = node.mapping else {
            if !isNothing(node) { note("\(what) must be a mapping, not \(kind(of: node)).", at: position(of: node)) }
            return []
        }
        return mapping.compactMap { key, value in
            guard let name = key.scalar?.string else {
                note("a name in \(what) must be a text, not \(kind(of: key)).", at: position(of: key))
                return nil
            }
            return Field(name: Located(name, at: position(of: key)), value: value)
        }
    }

    /// The members of the mapping `node`, each of which must be one of `known`.
    mutating func fields(of node: Node, in what: String, known: [String]) -> [Field] {
        fields(of: node, in: what).filter { field in
            guard !known.contains(field.name.value) else { return true }
            let hint = NearestName.hint(among: known, to: field.name.value)
            let advice = hint.isEmpty ? " Known are \(known.joined(separator: ", "))." : hint
            note("\(what) has no field \"\(field.name.value)\".\(advice)", at: field.name.position)
            return false
        }
    }

    /// The elements of the list `node`, which `what` names in messages. Nothing at all counts as an empty list.
    mutating func elements(of node: Node, in what: String) -> [Node] {
        guard let sequence = node.sequence else {
            if !isNothing(node) { note("\(what) must be a list, not \(kind(of: node)).", at: position(of: node)) }
            return []
        }
        return Array(sequence)
    }

    /// The text of `node`, which `what` names in messages.
    mutating func text(of node: Node, in what: String) -> Located<String>? {
        guard let scalar = node.scalar, node.tag.rawValue == Tag.Name.str.rawValue, !isNothing(node) else {
            note("\(what) must be a text, not \(kind(of: node)).", at: position(of: node))
            return nil
        }
        return Located(scalar.string, at: position(of: node))
    }

    /// The text of `node` as it is written, also of what YAML takes for a number or a truth value.
    mutating func word(of node: Node, in what: String) -> String? {
        guard let scalar = node.scalar, !isNothing(node) else {
            note("\(what) must be a text, not \(kind(of: node)).", at: position(of: node))
            return nil
        }
        return scalar.string
    }

    /// `text` as a name of a kind, whose grammar `rule` describes.
    mutating func name<Name: CaseInsensitiveName>(
        _ text: Located<String>,
        as type: Name.Type,
        rule: String
    ) -> Located<Name>? {
        guard let name = Name(rawValue: text.value) else {
            note("\"\(text.value)\" is not \(rule).", at: text.position)
            return nil
        }
        return Located(name, at: text.position)
    }

    /// A field without a value, such as `secrets:` with nothing behind it.
    func isNothing(_ node: Node) -> Bool {
        guard let scalar = node.scalar else { return false }
        return scalar.string.isEmpty && scalar.style == .plain
    }

    private func kind(of node: Node) -> String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar where isNothing(node): "nothing"
        case .scalar where node.tag.rawValue != Tag.Name.str.rawValue: "tagged \(node.tag.rawValue)"
        case .scalar: "a text"
        }
    }
}
