public import SecretScopes

/// What a client says of a request beside its credential, for the audit record. Nobody can check it, so it is recorded
/// as what came through the REST API said.
public struct RequestClaims: Sendable, Hashable {
    /// The header that carries it, in the form of a query.
    public static let header: StaticString = "X-Hush-Run"
    /// The header that names the principal that an administrator acts as, in the form of a query.
    public static let actingHeader: StaticString = "X-Hush-Act-As"

    private static let longest = 2048

    /// The run that the request belongs to.
    public var run: String?
    /// The notebook.
    public var notebook: String?
    /// The number of the notebook's cell, from 1.
    public var cell: Int?
    /// The apply of manifests that the request belongs to.
    public var apply: String?
    /// Why it is asked, in a word.
    public var reason: String?
    /// How many links between servers the request came through.
    public var linkDepth: Int

    /// Creates claims.
    public init(
        run: String? = nil, notebook: String? = nil, cell: Int? = nil, apply: String? = nil, reason: String? = nil,
        linkDepth: Int = 0
    ) {
        self.run = run
        self.notebook = notebook
        self.cell = cell
        self.apply = apply
        self.reason = reason
        self.linkDepth = linkDepth
    }

    /// Reads the header; what is not understood is not claimed.
    public init(header: String?) {
        guard
            let header, header.utf8.count <= Self.longest, let query = try? QueryParameters(parsing: header)
        else {
            self.init(run: nil)
            return
        }
        self.init(
            run: query.line("run"),
            notebook: query.line("notebook"),
            cell: query["cell"].flatMap { Int($0) }.flatMap { $0 > 0 && $0 <= 1_000_000 ? $0 : nil },
            apply: query.line("apply"),
            reason: query.line("reason"),
            linkDepth: query["links"].flatMap { Int($0) }.map { min(max($0, 0), 1000) } ?? 0
        )
    }

    /// The header's value; `nil` when nothing is claimed.
    public var value: String? {
        var members: [String: String] = [:]
        members["run"] = run
        members["notebook"] = notebook
        members["cell"] = cell.map { String($0) }
        members["apply"] = apply
        members["reason"] = reason
        if linkDepth > 0 { members["links"] = String(linkDepth) }
        return members.isEmpty ? nil : QueryParameters(members).encoded
    }

    /// The value of the header that names whom an administrator acts as.
    static func acting(as principal: String) -> String {
        QueryParameters(["principal": principal]).encoded
    }

    /// Reads the header that names whom an administrator acts as.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `MALFORMED_REQUEST` or `INVALID_PARAMETER_VALUE` when it names nobody.
    public static func principal(acting value: String) throws(ScopeError) -> String {
        try QueryParameters(parsing: value).required("principal")
    }
}

extension QueryParameters {
    /// A parameter that can be shown on a line of a terminal.
    fileprivate func line(_ name: String) -> String? {
        guard let text = self[name], !text.isEmpty else { return nil }
        let isLine = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
            default: true
            }
        }
        return isLine ? text : nil
    }
}
