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
    /// - Throws: ``VaultFailure``.
    func perform(
        _ operation: String, _ call: VaultCall, _ effect: Effect = .reads, _ body: (inout SecretBuffer) -> Void
    ) async throws(VaultFailure) -> VaultAnswer {
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
        return try await client.send(query, call) { AWSRefusal(json: $0) }
    }
}

extension JSONFields {
    /// A time in seconds since 1970, with a fraction.
    func time(_ name: String, in bytes: RawSpan) -> Timestamp? {
        guard let value = self[name], value.kind == .number, value.range.count <= 32 else { return nil }
        let digits = value.range.map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        guard let seconds = Double(String(decoding: digits, as: UTF8.self)), abs(seconds) < 1e11 else { return nil }
        return Timestamp(rawValue: Int64((seconds * 1000).rounded()))
    }

    /// The objects of an array; none when there is no such array.
    func objects(_ name: String, in bytes: RawSpan) -> [JSONFields] {
        (elements(name, in: bytes) ?? []).compactMap { JSONFields($0, in: bytes) }
    }
}
