import Runs
import ScopeManifests
import SecretScopes

/// The statuses that the program exits with, all in one place.
enum ExitStatus {
    /// It was done.
    static let success: Int32 = 0
    /// It failed. Under `hush secrets` also wrong usage, as the Databricks command line has it.
    static let failure: Int32 = 1
    /// `hush plan` found changes, as other tools with plans say it.
    static let changes: Int32 = 2
    /// `hush plan --detailed` found that somebody changed the workspace by hand.
    static let drift: Int32 = 3
    /// Wrong usage (`EX_USAGE` of sysexits.h).
    static let usage: Int32 = 64
    /// It took longer than `--timeout`, as timeout(1) says it.
    static let timedOut: Int32 = 124
    /// A command was found, but could not be executed.
    static let notExecutable: Int32 = 126
    /// A command was not found.
    static let notFound: Int32 = 127

    /// The status for an error that a command ended with.
    static func of(_ error: any Error, isSecretsCommand: Bool) -> Int32 {
        switch error {
        case let failure as CommandFailure: failure.status
        case is UsageFailure: isSecretsCommand ? failure : usage
        case let error as ScopeError: of(error.code)
        default: failure
        }
    }

    /// The status for an error of the services: one for all of them, since a script that must tell them apart reads
    /// the message or asks the audit record.
    static func of(_ code: ScopeError.Code) -> Int32 {
        switch code {
        case .resourceDoesNotExist, .resourceAlreadyExists, .resourceLimitExceeded, .invalidParameterValue,
            .badRequest, .malformedRequest, .permissionDenied, .unauthenticated, .customerUnauthorized,
            .endpointNotFound, .internalError, .temporarilyUnavailable, .requestLimitExceeded, .invalidState,
            .dataLoss, .deadlineExceeded, .resourceConflict, .aborted:
            failure
        }
    }
}

/// A command that failed for a reason of its own.
struct CommandFailure: Error {
    /// What failed and what to do.
    var message: String
    /// What the program exits with.
    var status = ExitStatus.failure

    init(_ message: String, status: Int32 = ExitStatus.failure) {
        self.message = message
        self.status = status
    }
}

/// A command was executed and ended, and this process ends in the same way without a word of its own.
struct PassedOnEnding: Error {
    /// How it ended.
    var status: ChildEnding.Status
}

/// Arguments that make no sense together, which the parser cannot see.
struct UsageFailure: Error {
    /// What is wrong.
    var message: String

    init(_ message: String) {
        self.message = message
    }
}
