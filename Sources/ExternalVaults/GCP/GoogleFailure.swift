/// What the refusals of Google's services mean.
enum GoogleFailure {
    /// What the token endpoints' own words for a refusal mean.
    private static let known: [String: String] = [
        "invalid_grant": "invalid_grant: the key or token was revoked or has expired, or the clocks differ by minutes",
        "invalid_client": "invalid_client: the client is unknown, or its secret is another one",
        "unauthorized_client": "unauthorized_client: the account may not have such tokens",
        "invalid_target": "invalid_target: there is no such pool or provider",
        "invalid_request": "invalid_request", "invalid_scope": "invalid_scope", "access_denied": "access_denied",
    ]

    /// The failure that an answer of a token endpoint tells of.
    ///
    /// - Parameter issuer: Who was asked, for messages.
    static func tokenFailure(in answer: VaultAnswer, of issuer: String) -> VaultFailure? {
        switch answer.status {
        case 200: return nil
        case 300...399: return VaultFailure(.untrusted, detail: "\(issuer) answers with a redirect")
        case 429: return VaultFailure(.throttled, detail: "\(issuer) is asked too often")
        case 408, 500...599: return VaultFailure(.unreachable, detail: "\(issuer) answers with status \(answer.status)")
        default:
            let code = (try? answer.body.readingJSON { fields, bytes in fields.text("error", in: bytes) }) ?? nil
            return VaultFailure(
                .credentialRejected,
                detail: code.flatMap { known[$0] } ?? "\(issuer) refuses with status \(answer.status)")
        }
    }

    /// The failure that an answer of Secret Manager tells of; `nil` for success and for 401, which has its own way.
    static func failure(in answer: VaultAnswer, isWrite: Bool) -> VaultFailure? {
        guard !answer.isSuccess, answer.status != 401 else { return nil }
        if (300...399).contains(answer.status) {
            return VaultFailure(.untrusted, detail: "it answers with a redirect, which is not followed")
        }
        let refusal = GoogleRefusal(answer)
        switch (answer.status, refusal.status) {
        case (403, _): return forbidden(refusal)
        case (404, _): return VaultFailure(.notFound)
        case (429, _):
            if isWrite, refusal.isQuota, !refusal.isRate {
                return VaultFailure(.full, detail: "a quota of the project is used up")
            }
            return VaultFailure(.throttled)
        case (409, "ALREADY_EXISTS"): return VaultFailure(.conflict, detail: "ALREADY_EXISTS")
        case (409, _): return VaultFailure(.conflict)
        case (504, _): return VaultFailure(.deadlinePassed)
        case (408, _), (500...599, _):
            return VaultFailure(.unreachable, detail: "it answers with status \(answer.status)")
        case (400, "FAILED_PRECONDITION"):
            if refusal.says("DESTROYED") { return VaultFailure(.destroyed) }
            if refusal.says("DISABLED") { return VaultFailure(.disabled) }
            if refusal.isAboutKeys { return keys }
            return VaultFailure(.refused, detail: "FAILED_PRECONDITION")
        case (400, _), (413, _):
            return refusal.isAboutKeys ? keys : VaultFailure(.unacceptable, detail: "INVALID_ARGUMENT")
        default: return VaultFailure(.refused, detail: "it answers with status \(answer.status)")
        }
    }

    private static let keys = VaultFailure(
        .keyUnavailable, detail: "its Cloud KMS key is disabled, destroyed, or not to be used by Secret Manager")

    private static func forbidden(_ refusal: GoogleRefusal) -> VaultFailure {
        if refusal.isPerimeter {
            return VaultFailure(.networkDenied, detail: "a perimeter of VPC Service Controls refuses this machine")
        }
        if refusal.isAboutKeys { return keys }
        if refusal.says("SERVICE_DISABLED") {
            return VaultFailure(.denied, detail: "the Secret Manager API is not enabled in the project")
        }
        return VaultFailure(
            .denied,
            detail:
                "the link's identity needs the role Secret Manager Secret Accessor to read, Viewer to list, and Admin to "
                + "write; a role that was just given counts after some minutes")
    }
}

/// What is told from the body of a refusal: marks only, none of its text.
struct GoogleRefusal {
    /// `error.status`, if it is one of those that are looked at.
    let status: String?
    private let marks: Set<String>

    private static let statuses: Set<String> = [
        "FAILED_PRECONDITION", "INVALID_ARGUMENT", "ALREADY_EXISTS", "ABORTED", "PERMISSION_DENIED", "NOT_FOUND",
        "RESOURCE_EXHAUSTED",
    ]
    /// What is looked for in messages and details.
    private static let words = [
        "DISABLED", "DESTROYED", "SERVICE_DISABLED", "SECURITY_POLICY_VIOLATED", "VPC_SERVICE_CONTROLS", "cloudkms",
        "cryptoKey", "KMS", "QuotaFailure", "RATE_LIMIT_EXCEEDED",
    ]

    init(_ answer: VaultAnswer) {
        var status: String?
        var marks: Set<String> = []
        _ = try? answer.body.readingJSON { fields, bytes -> Bool? in
            guard let error = fields.fields("error", in: bytes) else { return nil }
            status = error.text("status", in: bytes).flatMap { Self.statuses.contains($0) ? $0 : nil }
            var text = error.text("message", in: bytes) ?? ""
            if let details = error["details"] {
                text += String(
                    decoding: details.range.map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }, as: UTF8.self)
            }
            for word in Self.words where text.contains(word) { marks.insert(word) }
            return true
        }
        self.status = status
        self.marks = marks
    }

    /// Whether one of the known words stands in it.
    func says(_ word: String) -> Bool { marks.contains(word) }

    var isAboutKeys: Bool { says("cloudkms") || says("cryptoKey") || says("KMS") }
    var isPerimeter: Bool { says("SECURITY_POLICY_VIOLATED") || says("VPC_SERVICE_CONTROLS") }
    var isQuota: Bool { says("QuotaFailure") }
    var isRate: Bool { says("RATE_LIMIT_EXCEEDED") }
}
