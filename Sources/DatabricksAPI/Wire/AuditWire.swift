internal import SecretJSON
public import SecretScopes

/// The calls about the audit record, which Databricks does not have.
public enum AuditEndpoint {
    /// Events, the newest first.
    public static let events = "/api/2.0/hush/audit/events"
    /// Who read a secret, or any secret of a scope.
    public static let whoRead = "/api/2.0/hush/audit/who-read"
    /// What a principal read.
    public static let reads = "/api/2.0/hush/audit/reads"
    /// Events that come after those that the client knows, oldest first.
    public static let follow = "/api/2.0/hush/audit/follow"
    /// Checks the record and the store.
    public static let verify = "/api/2.0/hush/audit/verify"
    /// Signs where the record ends.
    public static let checkpoint = "/api/2.0/hush/audit/checkpoint"
    /// The most elements of an answer, and how many it has unless the client asks for fewer.
    public static let largestPage = 1000
}

/// Which events are asked for, and which part of them.
public struct EventsQuery: Sendable, Hashable {
    /// The conditions; its limit is the page's size.
    public var query: AuditQuery

    /// Creates a query for a page of the events that match.
    public init(_ query: AuditQuery) {
        self.query = query
    }

    /// Reads a request's query. Moments are milliseconds since 1970, or texts such as `2026-08-22T10:30:00Z`.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when a parameter is not understood.
    public init(query parameters: QueryParameters) throws(ScopeError) {
        var query = AuditQuery()
        query.scope = parameters["scope"]
        query.key = parameters["key"]
        query.principal = parameters["principal"]
        query.apply = parameters["apply"]
        query.status = try parameters.number("status", in: 100...599).map { Int($0) }
        query.since = try parameters.moment("since")
        query.until = try parameters.moment("until")
        query.limit = try parameters.pageSize()
        query.before = try parameters.number("page_token", in: 1...Int64.max)
        if let action = parameters["action"] {
            guard let operation = Operation(actionName: action) else {
                throw ScopeError(.invalidParameterValue, "There is no such action. One is getSecret, for example.")
            }
            query.operation = operation
        }
        self.query = query
    }

    /// The query of a request for one page.
    var parameters: QueryParameters { QueryParameters(values) }

    /// The parameters by name.
    var values: [String: String] {
        var values: [String: String] = [:]
        values["scope"] = query.scope
        values["key"] = query.key
        values["principal"] = query.principal
        values["apply"] = query.apply
        values["action"] = query.operation?.actionName
        values["status"] = query.status.map { String($0) }
        values["since"] = query.since.map { String($0.rawValue) }
        values["until"] = query.until.map { String($0.rawValue) }
        values["limit"] = query.limit.map { String($0) }
        values["page_token"] = query.before.map { String($0) }
        return values
    }
}

/// Whose reads, or the reads of what, are asked for, and which part of them.
public struct ReadsQuery: Sendable, Hashable {
    /// What is asked about.
    public enum Subject: Sendable, Hashable {
        /// A secret, or all of a scope's.
        case secrets(scope: String, key: String?)
        /// A principal.
        case principal(String)
    }

    /// What is asked about.
    public var subject: Subject
    /// How many come before the page.
    public var start: Int
    /// The most that are wanted.
    public var count: Int

    /// Creates a query for the page that begins behind `start` of them.
    public init(_ subject: Subject, start: Int = 0, count: Int = AuditEndpoint.largestPage) {
        self.subject = subject
        self.start = start
        self.count = count
    }

    /// Reads the query of a request about secrets.
    public init(secretsIn parameters: QueryParameters) throws(ScopeError) {
        try self.init(.secrets(scope: parameters.required("scope"), key: parameters["key"]), parameters)
    }

    /// Reads the query of a request about a principal.
    public init(principalIn parameters: QueryParameters) throws(ScopeError) {
        try self.init(.principal(parameters.required("principal")), parameters)
    }

    private init(_ subject: Subject, _ parameters: QueryParameters) throws(ScopeError) {
        self.init(
            subject,
            start: Int(try parameters.number("page_token", in: 0...1_000_000_000) ?? 0),
            count: try parameters.pageSize()
        )
    }

    /// The query of a request for the page.
    var parameters: QueryParameters {
        var values = ["limit": String(count), "page_token": String(start)]
        switch subject {
        case .secrets(let scope, let key):
            values["scope"] = scope
            values["key"] = key
        case .principal(let name):
            values["principal"] = name
        }
        return QueryParameters(values)
    }
}

extension QueryParameters {
    func number(_ name: String, in range: ClosedRange<Int64>) throws(ScopeError) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw ScopeError(.invalidParameterValue, "\(name) must be a number from \(range.lowerBound).")
        }
        return number
    }

    fileprivate func pageSize() throws(ScopeError) -> Int {
        guard let number = try number("limit", in: 1...Int64.max) else { return AuditEndpoint.largestPage }
        return Int(min(number, Int64(AuditEndpoint.largestPage)))
    }

    fileprivate func moment(_ name: String) throws(ScopeError) -> Timestamp? {
        guard let text = self[name] else { return nil }
        if let milliseconds = Int64(text) { return Timestamp(rawValue: milliseconds) }
        // Ages, which the command line takes too, depend on whose clock counts.
        guard text.contains("-"), let moment = TimeText.timestamp(text, now: Timestamp(rawValue: 0)) else {
            throw ScopeError(
                .invalidParameterValue,
                "\(name) must be milliseconds since 1970 or a text such as 2026-08-22T10:30:00Z.")
        }
        return moment
    }
}

/// The answers about the audit record.
public enum AuditAnswer {
    /// A page of events in the form of Databricks' audit logs.
    ///
    /// - Parameter events: Oldest first; the answer has the newest first.
    public static func events(_ events: [AuditEvent], of query: AuditQuery, workspace: WorkspaceID) -> [UInt8] {
        .json { json in
            json.member("workspace_id", workspace.description)
            json.member("events", events.reversed()) { json, event in
                json.object { write(event, workspace, to: &$0) }
            }
            // A full page may have been the last one; then the next one is empty.
            if let oldest = events.first, events.count == query.limit, oldest.sequence > 1 {
                json.member("next_page_token", String(oldest.sequence))
            }
        }
    }

    /// A page of reads.
    public static func reads(_ all: [ReadSummary], of query: ReadsQuery) -> [UInt8] {
        .json { json in
            let page = all.dropFirst(query.start).prefix(query.count)
            json.member("reads", Array(page)) { json, read in
                json.object { json in
                    json.member("scope", read.scope)
                    json.member("key", read.key)
                    json.member("principal", read.principal)
                    json.member("principal_id", read.principalID?.description)
                    json.member("surface", read.surface.description)
                    json.member("notebook", read.notebook)
                    if let cell = read.cell { json.member("cell", Int64(cell)) }
                    json.member("reads", read.reads)
                    json.member("refusals", read.refusals)
                    json.member("first", read.first.rawValue)
                    json.member("last", read.last.rawValue)
                }
            }
            let end = query.start + page.count
            if end < all.count, !page.isEmpty { json.member("next_page_token", String(end)) }
        }
    }

    /// Source: Databricks' audit log reference, schema version 2.0. What has no place there is in `identityMetadata`,
    /// `channel`, `eventId` and `sequence`. Members without a value are left out.
    static func write(_ event: AuditEvent, _ workspace: WorkspaceID, to json: inout JSONWriter) {
        json.member("version", "2.0")
        json.member("timestamp", event.time.rawValue)
        json.member("workspaceId", workspace.description)
        json.member("sourceIPAddress", event.origin.address)
        json.member("userAgent", event.origin.userAgent)
        json.member("sessionId", event.origin.session)
        json.member("applyId", event.origin.apply)
        json.member("userIdentity") { $0.member("email", event.actor.name) }
        json.member("serviceName", event.operation.serviceName)
        json.member("actionName", event.operation.actionName)
        json.member("requestId", event.requestID)
        json.member("requestParams") { json in
            json.member("scope", event.subject.scope)
            json.member("key", event.subject.key)
            // Of two of one name a reader would take either.
            var names: Set = ["scope", "key"]
            for parameter in event.parameters where names.insert(parameter.name).inserted {
                json.member(named: parameter.name, parameter.value)
            }
            if let version = event.version, names.insert("version").inserted {
                json.member("version", String(version.number))
            }
        }
        json.member("response") { json in
            json.member("statusCode", Int64(event.statusCode))
            json.member("errorMessage", event.error?.message)
        }
        json.member("auditLevel", "WORKSPACE_LEVEL")
        json.member("identityMetadata") { json in
            json.member("runBy", event.actor.runBy)
            json.member("runAs", event.actor.name)
        }
        json.member("channel") { json in
            json.member("surface", event.channel.surface.description)
            json.member("notebook", event.channel.notebook)
            if let cell = event.channel.cell { json.member("cell", Int64(cell)) }
        }
        json.member("eventId", "\(workspace)-\(event.sequence)")
        json.member("sequence", event.sequence)
    }
}
