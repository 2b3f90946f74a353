extension AuditEvent {
    /// The longest texts that an event keeps, in bytes; see ``RequestOrigin``.
    private enum Longest {
        static let address = 64
        static let identifier = 64
        static let userAgent = 256
        static let notebook = 256
        static let parameter = 256
        static let runBy = 256
    }

    /// An event that has not happened yet: its sequence and time are given when it is committed.
    init(
        _ operation: Operation,
        by caller: Caller,
        scope: String? = nil,
        key: String? = nil,
        parameters: [(name: String, value: String?)] = []
    ) {
        self.init(
            operation,
            by: caller,
            subject: Subject(
                scope: scope.map { ScopeName(rawValue: $0)?.rawValue ?? Self.lengthOnly($0) },
                key: key.map { SecretName(rawValue: $0)?.rawValue ?? Self.lengthOnly($0) }
            ),
            parameters: parameters.compactMap { name, value in
                value.map { Parameter(name: name, value: Self.recordable($0)) }
            }
        )
    }

    /// An event that has not happened yet, about something whose names keep to the grammar.
    init(_ operation: Operation, by caller: Caller, subject: Subject, parameters: [Parameter] = []) {
        let origin = caller.origin
        self.init(
            sequence: 0,
            time: Timestamp(rawValue: 0),
            operation: operation,
            actor: Actor(principal: caller.principal, name: "", runBy: caller.runBy.cut(to: Longest.runBy)),
            origin: Origin(
                address: origin.address?.cut(to: Longest.address),
                userAgent: origin.userAgent?.cut(to: Longest.userAgent),
                session: origin.session?.cut(to: Longest.identifier),
                credential: caller.credential,
                apply: origin.apply?.cut(to: Longest.identifier)
            ),
            channel: Channel(
                surface: origin.surface,
                notebook: origin.notebook?.cut(to: Longest.notebook),
                cell: origin.cell
            ),
            subject: subject,
            parameters: parameters
                + (origin.reason.map { [Parameter(name: "reason", value: Self.recordable($0))] } ?? []),
            requestID: origin.requestID?.cut(to: Longest.identifier),
            effects: []
        )
    }

    /// A name that breaks the grammar may be anything, a value pasted into the wrong place among it.
    private static func lengthOnly(_ text: String) -> String {
        "(invalid, \(text.utf8.count) bytes)"
    }

    static func recordable(_ text: String) -> String {
        PrincipalName(rawValue: text)?.rawValue ?? (text.isEmpty ? "" : lengthOnly(text))
    }
}

extension String {
    /// The text, cut so that it has at most `limit` bytes.
    fileprivate func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var rest = self[...]
        while rest.utf8.count > limit { rest.removeLast() }
        return String(rest)
    }
}
