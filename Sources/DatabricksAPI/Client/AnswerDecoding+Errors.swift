internal import SecretJSON
internal import SecretScopes

extension AnswerDecoding {
    /// The refusal that an answer with another status than success tells of, in the form of Databricks' API, of SCIM
    /// (RFC 7644, section 3.12) or of OAuth (RFC 6749, section 5.2).
    static func error(status: Int, _ body: RawSpan, host: WorkspaceHost) -> ScopeError {
        let fallback = ScopeError(
            code(forStatus: status), "The server at \(host) answered with HTTP status \(status).")
        guard let object = try? AnswerObject(body) else { return fallback }
        let message = ["message", "detail", "error_description"].compactMap { object.optionalText($0, in: body) }.first
        guard let message, !message.isEmpty else { return fallback }
        let code = object.optionalText("error_code", in: body).flatMap { ScopeError.Code(named: $0) }
        let directoryCode = object.optionalText("scimType", in: body).flatMap { self.code(forDirectoryType: $0) }
        return ScopeError(code ?? directoryCode ?? self.code(forStatus: status), line(message))
    }

    /// One line of bounded length, whatever the server sends: the message is printed on a terminal.
    private static func line(_ message: String) -> String {
        let scalars = message.unicodeScalars.prefix(1024).map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: " "
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    static func code(forStatus status: Int) -> ScopeError.Code {
        switch status {
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .resourceDoesNotExist
        case 409: .resourceAlreadyExists
        case 429: .requestLimitExceeded
        case 400..<500: .badRequest
        case 503: .temporarilyUnavailable
        default: .internalError
        }
    }

    private static func code(forDirectoryType type: String) -> ScopeError.Code? {
        switch type {
        case "uniqueness": .resourceAlreadyExists
        case "invalidSyntax": .malformedRequest
        case "invalidValue", "invalidFilter", "invalidPath": .invalidParameterValue
        default: nil
        }
    }
}
