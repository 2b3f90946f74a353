internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The operations of a service with the JSON protocol, as one link calls them.
struct AWSOperations: Sendable {
    private let service: AWSService
    private let client: AWSClient
    private let link: LinkConfiguration
    let pool: SecretPool

    /// - Throws: ``LinkProblem`` when an endpoint that the machine names is of no use.
    init(
        _ service: AWSService, _ link: LinkConfiguration, _ access: AWSAccess, session: AWSCredentialSession
    ) throws(LinkProblem) {
        self.service = service
        self.client = AWSClient(
            service, at: try AWSEndpoints.origin(of: service, link, access.machine),
            VaultEndpoint(
                access.context.transport, random: access.context.random, rateLimit: link.number("rate-limit")),
            session: session, access: access)
        self.link = link
        self.pool = access.context.pool
    }

    /// What an operation does to the vault.
    enum Effect: Sendable {
        case reads
        /// It writes, and doing it twice does no more than doing it once.
        case writesOnce
        case writes
    }

    /// Calls an operation.
    ///
    /// - Returns: The answer, which is a JSON object.
    /// - Throws: ``VaultFailure``.
    func perform(
        _ operation: String, _ call: VaultCall, _ effect: Effect = .reads, _ body: (inout SecretBuffer) -> Void
    ) async throws(VaultFailure) -> AWSAnswer {
        var buffer = SecretBuffer(in: pool)
        buffer.append(UInt8(ascii: "{"))
        body(&buffer)
        buffer.append(UInt8(ascii: "}"))
        let query = AWSClient.Query(
            headers: [
                ("Content-Type", "application/x-amz-json-1.1"),
                ("X-Amz-Target", "\(service.targetPrefix).\(operation)"),
            ],
            body: buffer.finish(), timeout: effect == .reads ? link.readTimeout : link.writeTimeout,
            mayRepeat: effect != .writes)
        let answer = try await client.send(query, call) { AWSRefusal(json: $0) }
        return try AWSAnswer(answer.body, pool)
    }
}

/// A JSON object that AWS answered with.
struct AWSAnswer {
    private let body: SecretBytes
    private let members: [String: JSONValue]
    private let pool: SecretPool

    /// - Throws: ``VaultFailure`` with `notUnderstood` when it is no such object.
    init(_ body: SecretBytes, _ pool: SecretPool) throws(VaultFailure) {
        let members = body.withBytes { bytes -> [String: JSONValue]? in
            guard let value = try? JSONValue(parsing: bytes) else { return nil }
            return try? value.members(in: bytes)
        }
        guard let members else { throw Self.confusing }
        self.init(body: body, members: members, pool: pool)
    }

    private init(body: SecretBytes, members: [String: JSONValue], pool: SecretPool) {
        self.body = body
        self.members = members
        self.pool = pool
    }

    /// What is thrown when an answer lacks what it must have.
    static var confusing: VaultFailure {
        VaultFailure(.notUnderstood, detail: "the answer is not what AWS answers with")
    }

    /// A text that is no secret.
    func text(_ name: String) -> String? {
        body.withBytes { members[name]?.text(in: $0) }
    }

    /// A text that is one.
    func secret(_ name: String) -> SecretBytes? {
        body.withBytes { members[name]?.secret(in: $0, pool: pool) }
    }

    func integer(_ name: String) -> Int64? {
        body.withBytes { members[name]?.integer(in: $0) }
    }

    /// Seconds since 1970, with a fraction.
    func time(_ name: String) -> Timestamp? {
        guard let value = members[name], value.kind == .number, value.range.count <= 32 else { return nil }
        let digits = body.withBytes { bytes -> [UInt8] in
            value.range.map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        guard let seconds = Double(String(decoding: digits, as: UTF8.self)), abs(seconds) < 1e11 else { return nil }
        return Timestamp(rawValue: Int64((seconds * 1000).rounded()))
    }

    /// An object inside.
    func object(_ name: String) -> AWSAnswer? {
        guard let value = members[name] else { return nil }
        let members = body.withBytes { bytes -> [String: JSONValue]? in try? value.members(in: bytes) }
        return members.map { AWSAnswer(body: body, members: $0, pool: pool) }
    }

    /// The objects of an array; none when there is no such array.
    func objects(_ name: String) -> [AWSAnswer] {
        let objects = body.withBytes { bytes -> [[String: JSONValue]] in
            let elements = members[name].flatMap { try? $0.elements(in: bytes) } ?? []
            return elements.compactMap { try? $0.members(in: bytes) }
        }
        return objects.map { AWSAnswer(body: body, members: $0, pool: pool) }
    }
}
