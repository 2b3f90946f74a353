/// Why a call was refused or failed, in Databricks' terms.
///
/// The message names the object and what to do. It never contains a value, a credential, or text that came from
/// another system's answer.
public struct ScopeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Databricks' error codes that Hush answers with. The raw values stand in stored events and never change.
    public enum Code: UInt8, Sendable, Hashable, CaseIterable {
        case resourceDoesNotExist = 1
        case resourceAlreadyExists = 2
        case resourceLimitExceeded = 3
        case invalidParameterValue = 4
        case badRequest = 5
        case malformedRequest = 6
        case permissionDenied = 7
        case unauthenticated = 8
        case customerUnauthorized = 9
        case endpointNotFound = 10
        case internalError = 11
        case temporarilyUnavailable = 12
        case requestLimitExceeded = 13
        case invalidState = 14
        case dataLoss = 15
        case deadlineExceeded = 16
        case resourceConflict = 17
        case aborted = 18

        /// The code on the wire, such as `RESOURCE_DOES_NOT_EXIST`.
        public var name: String {
            switch self {
            case .resourceDoesNotExist: "RESOURCE_DOES_NOT_EXIST"
            case .resourceAlreadyExists: "RESOURCE_ALREADY_EXISTS"
            case .resourceLimitExceeded: "RESOURCE_LIMIT_EXCEEDED"
            case .invalidParameterValue: "INVALID_PARAMETER_VALUE"
            case .badRequest: "BAD_REQUEST"
            case .malformedRequest: "MALFORMED_REQUEST"
            case .permissionDenied: "PERMISSION_DENIED"
            case .unauthenticated: "UNAUTHENTICATED"
            case .customerUnauthorized: "CUSTOMER_UNAUTHORIZED"
            case .endpointNotFound: "ENDPOINT_NOT_FOUND"
            case .internalError: "INTERNAL_ERROR"
            case .temporarilyUnavailable: "TEMPORARILY_UNAVAILABLE"
            case .requestLimitExceeded: "REQUEST_LIMIT_EXCEEDED"
            case .invalidState: "INVALID_STATE"
            case .dataLoss: "DATA_LOSS"
            case .deadlineExceeded: "DEADLINE_EXCEEDED"
            case .resourceConflict: "RESOURCE_CONFLICT"
            case .aborted: "ABORTED"
            }
        }

        /// Finds a code by its name on the wire.
        public init?(named name: String) {
            guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = match
        }

        /// The HTTP status that goes with the code, in answers and in the audit record.
        public var httpStatus: Int {
            switch self {
            case .resourceDoesNotExist, .endpointNotFound: 404
            case .resourceAlreadyExists, .resourceLimitExceeded, .invalidParameterValue, .badRequest,
                .malformedRequest, .invalidState:
                400
            case .permissionDenied: 403
            case .unauthenticated, .customerUnauthorized: 401
            case .internalError, .dataLoss: 500
            case .temporarilyUnavailable: 503
            case .requestLimitExceeded: 429
            case .resourceConflict, .aborted: 409
            case .deadlineExceeded: 504
            }
        }
    }

    /// The code.
    public var code: Code
    /// The message for people.
    public var message: String
    /// After which time trying again makes sense, when somebody said so. It is not recorded.
    public var retryAfter: Duration?

    /// Creates an error.
    public init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Code and message.
    public var description: String {
        "\(code.name): \(message)"
    }
}
