/// What a program declares and refers to, from the compiler's own `-dump-ast -dump-ast-format json`.
struct SyntaxDump: Sendable, Equatable {
    /// One item of the program's top level.
    struct Item: Sendable, Equatable {
        /// The compiler's word for it, such as `struct_decl` or `top_level_code_decl`.
        var kind: String
        /// The byte that it begins at.
        var start: Int
        /// The name that it declares, if it does.
        var name: String?
        /// The kinds of its statements and expressions, when it is code.
        var elements: [String] = []
    }

    /// A mention of a declaration.
    struct Reference: Sendable, Hashable {
        /// What is mentioned (USR).
        var declaration: String
        /// Its name in the source.
        var name: String
        /// The byte that the mention, or what surrounds it, begins at.
        var offset: Int
    }

    var items: [Item] = []
    /// For each declaration (USR), at any depth, the byte that its item of the top level begins at.
    var declarations: [String: Int] = [:]
    var references: [Reference] = []

    /// The names of types and the like, with the byte that each declaration begins at.
    var typeNames: [(name: String, offset: Int)] {
        items.compactMap { item in
            guard Self.typeKinds.contains(item.kind), let name = item.name else { return nil }
            return (name, item.start)
        }
    }

    private static let typeKinds: Set = [
        "struct_decl", "class_decl", "enum_decl", "protocol", "typealias", "macro_decl",
    ]
}

/// Reads a dump in one pass, without building the tree, which has a thousand nodes for a line of source.
enum SyntaxDumpReader {
    /// The dump is not of the form that this compiler is known to print.
    struct Failure: Error {}

    static func read(_ text: [UInt8]) throws(Failure) -> SyntaxDump {
        var scanner = JSONScanner(text)
        var dump = SyntaxDump()
        do throws(JSONScanner.Failure) {
            try scanner.object { key, scanner throws(JSONScanner.Failure) in
                guard key == "items" else { return try scanner.skipValue() }
                try scanner.array { scanner throws(JSONScanner.Failure) in
                    var node = NodeReader(start: nil)
                    try node.read(&scanner)
                    dump.append(node)
                }
            }
        } catch {
            throw Failure()
        }
        guard !dump.items.isEmpty else { throw Failure() }
        return dump
    }
}

extension SyntaxDump {
    fileprivate mutating func append(_ node: NodeReader) {
        guard let start = node.start else { return }
        items.append(Item(kind: node.kind, start: start, name: node.name, elements: node.bodyElements))
        for declaration in node.declarations {
            declarations[declaration] = start
        }
        references += node.references
    }
}

/// Reads one node of the dump with everything below it.
private struct NodeReader {
    var kind = ""
    var start: Int?
    /// The name in `name`, `base_name` and `name` within each other.
    var name: String?
    /// The kinds of the elements of the node's body, or of the node itself.
    var bodyElements: [String] = []
    var declarations: [String] = []
    var references: [SyntaxDump.Reference] = []
    private var text: String?
    private var declaration: String?

    init(start: Int?) {
        self.start = start
    }

    mutating func read(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        try scanner.object { key, scanner throws(JSONScanner.Failure) in
            switch key {
            case "_kind":
                kind = try scanner.string()
            case "usr":
                declarations.append(try scanner.string())
            case "decl_usr":
                declaration = try scanner.string()
            case "range":
                var range = NodeReader(start: nil)
                try range.readRange(&scanner)
                start = range.start ?? start
            case "captures":
                // A summary of the body's own mentions.
                try scanner.skipValue()
            case "name", "base_name":
                try readName(&scanner)
            case "body":
                let body = try readChild(&scanner)
                bodyElements = body.bodyElements
            case "elements":
                try scanner.array { scanner throws(JSONScanner.Failure) in
                    let element = try readChild(&scanner)
                    bodyElements.append(element.kind)
                }
            default:
                try readOther(&scanner)
            }
        }
        // The dump gives a mention no place of its own; its parent's is passed down.
        if let declaration, let start {
            references.append(SyntaxDump.Reference(declaration: declaration, name: text ?? name ?? "", offset: start))
        }
    }

    private mutating func readRange(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        try scanner.object { key, scanner throws(JSONScanner.Failure) in
            if key == "start" {
                start = try scanner.integer()
            } else {
                try scanner.skipValue()
            }
        }
    }

    private mutating func readName(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        if scanner.next() == .string {
            text = try scanner.string()
        } else {
            let child = try readChild(&scanner)
            name = child.text ?? child.name
        }
    }

    private mutating func readOther(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        switch scanner.next() {
        case .object:
            _ = try readChild(&scanner)
        case .array:
            try scanner.array { scanner throws(JSONScanner.Failure) in try readOther(&scanner) }
        case .string, .other:
            try scanner.skipValue()
        }
    }

    /// Reads an object, or whatever stands in its place, and takes over what was found in it.
    private mutating func readChild(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> NodeReader {
        var child = NodeReader(start: start)
        guard scanner.next() == .object else {
            try scanner.skipValue()
            return child
        }
        try child.read(&scanner)
        declarations += child.declarations
        references += child.references
        return child
    }
}
