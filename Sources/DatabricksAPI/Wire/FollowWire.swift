internal import SecretJSON
public import SecretScopes

/// Which events are waited for, and from where on.
public struct FollowQuery: Sendable, Hashable {
    /// The longest time that the server waits for an event, in seconds.
    public static let longestWait = 30

    /// The conditions.
    public var query: AuditQuery
    /// The position in the record behind which events are wanted; `nil` to be told only where the record ends.
    public var after: Int64?
    /// How many seconds to wait while there is no event.
    public var wait: Int

    /// Creates a query.
    public init(_ query: AuditQuery, after: Int64?, wait: Int = FollowQuery.longestWait) {
        self.query = query
        self.after = after
        self.wait = wait
    }

    /// Reads a request's query; throws as ``EventsQuery/init(query:)`` does.
    public init(query parameters: QueryParameters) throws(ScopeError) {
        let conditions = try EventsQuery(query: parameters).query
        let wait = try parameters.number("wait", in: 0...Int64(Self.longestWait))
        self.init(
            conditions, after: try parameters.number("after", in: 0...Int64.max), wait: wait.map { Int($0) } ?? 0)
    }

    /// The query of a request.
    var parameters: QueryParameters {
        var conditions = query
        conditions.limit = nil
        conditions.before = nil
        var values = EventsQuery(conditions).values
        values["after"] = after.map { String($0) }
        values["wait"] = String(wait)
        return QueryParameters(values)
    }
}

extension AuditAnswer {
    /// Events that came, oldest first, and the position up to which that is all.
    public static func followed(_ page: FollowedEvents, workspace: WorkspaceID) -> [UInt8] {
        .json { json in
            json.member("workspace_id", workspace.description)
            json.member("events", page.events) { json, event in
                json.object { write(event, workspace, to: &$0) }
            }
            json.member("last", page.last)
        }
    }
}
