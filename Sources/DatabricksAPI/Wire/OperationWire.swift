internal import SecretJSON

/// The paths for those who run a server.
public enum OperationPath {
    /// Whether the server is alive and its workspace can be used.
    public static let health = "/health"
    /// What the server counts.
    public static let metrics = "/metrics"
    /// The description of every path.
    public static let description = "/api/2.0/hush/openapi.json"
}

/// The answers for those who run a server.
public enum OperationAnswer {
    /// Whether the workspace can be used.
    ///
    /// - Parameter problem: Why it cannot, in a word. Strangers learn no more; the text of a problem, which may name a
    ///   path, is in the server's log.
    public static func health(problem: String?) -> [UInt8] {
        .json { json in
            json.member("live", true)
            json.member("ready", problem == nil)
            json.member("reason", problem)
        }
    }
}
