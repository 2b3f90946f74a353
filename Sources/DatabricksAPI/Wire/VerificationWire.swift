internal import SecretJSON
public import SecretScopes

/// What checking the record and the store needs.
public struct VerificationParameters: Sendable, Hashable {
    /// A checkpoint that was kept elsewhere, and that the record must contain.
    public var checkpoint: AuditCheckpoint?

    /// Creates the parameters.
    public init(checkpoint: AuditCheckpoint?) {
        self.checkpoint = checkpoint
    }

    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does, and when what should be a checkpoint is
    /// none or its signature is wrong.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        guard let text = try fields.text("checkpoint", in: body) else {
            self.init(checkpoint: nil)
            return
        }
        guard let checkpoint = AuditCheckpoint(text: text) else {
            throw ScopeError(.invalidParameterValue, "checkpoint must be the text of a checkpoint.")
        }
        guard checkpoint.hasValidSignature else {
            throw ScopeError(.invalidParameterValue, "The checkpoint was altered: its signature is wrong.")
        }
        self.init(checkpoint: checkpoint)
    }

    /// The parameters as a request's body.
    public var json: [UInt8] {
        .json { $0.member("checkpoint", checkpoint?.text) }
    }
}

extension AuditAnswer {
    /// What the check found.
    public static func verification(_ result: AuditVerification) -> [UInt8] {
        .json { json in
            json.member("intact", result.isIntact)
            json.member("events", result.events)
            json.member("rows", result.rows)
            json.member("hash", result.hash)
            json.member("problems", result.problems) { $0.element($1) }
        }
    }

    /// A checkpoint, in the text form that anybody can check.
    public static func checkpoint(_ checkpoint: AuditCheckpoint) -> [UInt8] {
        .json { $0.member("checkpoint", checkpoint.text) }
    }
}
