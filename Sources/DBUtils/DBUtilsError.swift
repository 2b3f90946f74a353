/// Why a call of ``dbutils`` failed.
///
/// It never holds a value or a token, so that it may be printed.
public struct DBUtilsError: Error, Sendable, Hashable {
    /// The error code of the Secrets API, such as `PERMISSION_DENIED` or `RESOURCE_DOES_NOT_EXIST`, or one of the
    /// codes of this module: `NOT_IN_A_RUN`, `INVALID_UTF8`, `UNKNOWN_WIDGET`, `MALFORMED_RESPONSE` and
    /// `TEMPORARILY_UNAVAILABLE`.
    public let errorCode: String
    /// What failed, in words, with the names concerned.
    public let message: String
    /// What stands before the message; the exception's name where notebooks know the failure by one.
    private let label: String

    init(errorCode: String, message: String, label: String? = nil) {
        self.errorCode = errorCode
        self.message = message
        self.label = label ?? errorCode
    }
}

extension DBUtilsError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The code and the message, in the words that notebooks see for the same failure on Databricks.
    public var description: String { "\(label): \(message)" }
    /// The same as ``description``, since an uncaught error is printed that way.
    public var debugDescription: String { description }
}

extension DBUtilsError {
    static let notInARun = DBUtilsError(
        errorCode: "NOT_IN_A_RUN",
        message: "there is no run to ask. Run this notebook with `hush run`."
    )

    static func malformedResponse(_ reason: String) -> DBUtilsError {
        DBUtilsError(errorCode: "MALFORMED_RESPONSE", message: "the run's answer cannot be read: \(reason).")
    }

    static func unavailable(_ reason: String) -> DBUtilsError {
        DBUtilsError(errorCode: "TEMPORARILY_UNAVAILABLE", message: "the run does not answer: \(reason).")
    }

    static func secretDoesNotExist(scope: String, key: String) -> DBUtilsError {
        DBUtilsError(
            errorCode: "RESOURCE_DOES_NOT_EXIST",
            message: "Secret does not exist with scope: \(scope) and key: \(key)",
            label: "IllegalArgumentException"
        )
    }

    static func invalidUTF8(scope: String, key: String) -> DBUtilsError {
        DBUtilsError(
            errorCode: "INVALID_UTF8",
            message: "the secret with scope: \(scope) and key: \(key) is not UTF-8 text. "
                + "Read it with dbutils.secrets.getBytes(scope:key:)."
        )
    }

    static func unknownWidget(_ name: String, known: [String]) -> DBUtilsError {
        let names = known.isEmpty ? "the run has none" : "the run has \(known.sorted().joined(separator: ", "))"
        return DBUtilsError(
            errorCode: "UNKNOWN_WIDGET",
            message: "no widget is named \(name); \(names). Pass it with --param \(name)=VALUE."
        )
    }
}
