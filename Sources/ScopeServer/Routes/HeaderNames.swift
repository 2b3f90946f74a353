internal import DatabricksAPI
internal import HTTPTypes

/// The headers that the HTTP library has no name for. Each is made once: checking and folding a name takes longer than
/// looking for it.
extension HTTPField.Name {
    static let requestID = named("X-Request-Id")
    static let forwardedFor = named("X-Forwarded-For")
    static let workspaceNumber = named("X-Databricks-Org-Id")
    static let claims = named(RequestClaims.header)
    static let actingAs = named(RequestClaims.actingHeader)
    static let minimumRedaction = named(ValueAnswer.minimumRedactionHeader)

    private static func named(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name(name.description) else {
            preconditionFailure("\(name) is not a header's name")
        }
        return name
    }
}
