internal import SecretJSON
internal import SecretMemory

/// What an answer of AWS tells of that is no success.
///
/// Nearly all refusals have the status 400: the code in the body decides.
struct AWSRefusal: Sendable {
    /// What more the client does about it.
    enum Remedy: Sendable {
        /// Nothing.
        case none
        /// To fetch new credentials, and ask once more.
        case newCredentials
        /// To sign by the server's clock, and ask once more.
        case serverTime
    }

    /// The code; empty when the answer has none.
    var code: String
    /// The condition.
    var failure: VaultFailure
    /// What more the client does about it.
    var remedy: Remedy

    /// - Parameters:
    ///   - code: The code as it came, with what surrounds it on the wire.
    ///   - message: The answer's text. It is only looked through for words that tell conditions apart.
    init(code: String, status: Int, message: String) {
        let code = Self.bare(code)
        self.code = code
        let known = Self.reason(code, message) ?? Self.reason(status)
        self.failure = VaultFailure(known, detail: Self.detail(code, status, known))
        self.remedy = Self.remedy(code, message, known)
    }

    /// Reads an answer in the JSON protocol (`{"__type":"<code>","message":"…"}`).
    init(json answer: VaultAnswer) {
        let header = answer.header("x-amzn-errortype") ?? ""
        let found = try? answer.body.readingJSON { fields, bytes in
            (fields.text("__type", in: bytes), fields.text("message", in: bytes) ?? fields.text("Message", in: bytes))
        }
        self.init(code: found?.0 ?? header, status: answer.status, message: found?.1 ?? "")
    }

    /// The text before the first `:`, then the text after the last `#`.
    private static func bare(_ code: String) -> String {
        let first = code.prefix { $0 != ":" }
        return String(first.split(separator: "#").last ?? "")
    }

    /// Our own words: a code stands in them only when it is one of those that we know.
    private static func detail(_ code: String, _ status: Int, _ reason: VaultFailure.Reason) -> String {
        switch reason {
        case .deletedRecoverably:
            "it is scheduled for deletion; restore it with `aws secretsmanager restore-secret`, or wait for the end of its "
                + "recovery window"
        case .networkDenied: "the policy of a VPC endpoint denies it"
        case .keyUnavailable:
            "its KMS key is disabled, gone, or not to be used by this identity (\(named(code, status)))"
        case .untrusted: "AWS does not redirect requests, but the answer does (status \(status))"
        default: "AWS answered \(named(code, status))"
        }
    }

    private static func named(_ code: String, _ status: Int) -> String {
        reason(code, "") != nil ? code : "with status \(status)"
    }
}

extension AWSRefusal {
    private static func reason(_ status: Int) -> VaultFailure.Reason {
        switch status {
        case 300..<400: .untrusted
        case 401: .credentialRejected
        case 403: .denied
        case 404: .notFound
        case 429: .throttled
        case 400..<500: .refused
        case 500...: .unreachable
        default: .notUnderstood
        }
    }

    private static func reason(_ code: String, _ message: String) -> VaultFailure.Reason? {
        switch code {
        case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
            "TooManyRequestsException", "RequestLimitExceeded", "SlowDown", "BandwidthLimitExceeded",
            "PriorRequestNotComplete", "TransactionInProgressException", "ProvisionedThroughputExceededException",
            "EC2ThrottledException":
            .throttled
        case "RequestTimeout", "RequestTimeoutException", "InternalServiceError", "InternalServerError",
            "InternalFailure", "ServiceUnavailable", "KMSInternalException", "DependencyTimeoutException",
            "KeyUnavailableException", "IDPCommunicationError":
            .unreachable
        case "ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId",
            "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken",
            "MissingAuthenticationTokenException", "RequestTimeTooSkewed", "RequestExpired", "IDPRejectedClaim",
            "InvalidIdentityToken", "RegionDisabledException", "NotAuthorized", "OptInRequired":
            .credentialRejected
        case "AccessDeniedException", "AccessDenied": denial(message)
        case "ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound": .notFound
        case "InvalidRequestException": isMarkedForDeletion(message) ? .deletedRecoverably : .refused
        case "DecryptionFailure", "EncryptionFailure", "InvalidKeyId", "KMSAccessDeniedException",
            "KMSDisabledException",
            "KMSInvalidStateException", "KMSNotFoundException":
            .keyUnavailable
        case "InvalidParameterException", "InvalidParameterValue", "ValidationException", "ValidationError",
            "ParameterPatternMismatchException", "HierarchyLevelLimitExceededException",
            "HierarchyTypeMismatchException",
            "UnsupportedParameterType", "InvalidAllowedPatternException", "InvalidPolicyTypeException",
            "SerializationException":
            .unacceptable
        case "InvalidFilterKey", "InvalidFilterOption", "InvalidFilterValue", "PreconditionNotMetException",
            "MalformedPolicyDocumentException",
            "UnknownOperationException":
            .refused
        case "LimitExceededException", "ParameterLimitExceeded", "ParameterMaxVersionLimitExceeded",
            "PoliciesLimitExceededException":
            .full
        // The token of a page ends when what it was to go on with is gone.
        case "TooManyUpdates", "ResourceExistsException", "ParameterAlreadyExists", "InvalidNextTokenException",
            "InvalidNextToken":
            .conflict
        default: nil
        }
    }

    /// Why access is denied, by the words with which AWS tells who denies it.
    private static func denial(_ message: String) -> VaultFailure.Reason {
        let message = message.lowercased()
        if message.contains("vpc endpoint") { return .networkDenied }
        return message.contains("kms") ? .keyUnavailable : .denied
    }

    private static func isMarkedForDeletion(_ message: String) -> Bool {
        let message = message.lowercased()
        return ["marked for deletion", "scheduled for deletion", "marked deleted"].contains { message.contains($0) }
    }

    private static func remedy(_ code: String, _ message: String, _ reason: VaultFailure.Reason) -> Remedy {
        guard reason == .credentialRejected else { return .none }
        switch code {
        case "RequestTimeTooSkewed", "RequestExpired": return .serverTime
        case "InvalidSignatureException", "SignatureDoesNotMatch":
            let message = message.lowercased()
            let isSkew = message.contains("signature expired") || message.contains("not yet current")
            return isSkew ? .serverTime : .newCredentials
        default: return .newCredentials
        }
    }
}
