internal import AsyncHTTPClient
internal import DatabricksAPI
internal import ErasingBuffers
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
package import SecretCrypto
package import SecretMemory
internal import SecretScopes
internal import Synchronization

/// Sends requests to vaults, over connections that are kept: encrypted unless they stay on this machine, never redirected,
/// never to an address that no link may reach, and without leaving secrets behind in freed memory.
package final class VaultTransport: Sendable {
    /// The most connections to one host. A distant vault answers one request on each in a round trip, so with fewer a
    /// server's callers would wait for each other; how often a vault may be asked is up to the link's rate.
    private static let mostConnections = 64

    /// Which connections may be shared.
    private struct Way: Hashable {
        /// The proxy.
        var proxy: LinkURL?
        /// Whether the settings list the host, or it is the machine's metadata service.
        var reachesGuarded: Bool
        /// The name that a certificate must have been made for; `nil` for an address, and without encryption.
        var name: String?
    }

    private let clients: Mutex<[Way: HTTPClient]>
    private let secrets: SecretHeaders
    private let addresses: AddressGuard
    private let proxies: ProxySettings
    private let pool: SecretPool

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - policy: What may be reached.
    ///   - environment: The process's variables, for those of proxies.
    ///   - pool: Where answers live.
    ///   - random: Makes place holders that nobody can guess.
    package init(
        policy: LinkPolicy, environment: [String: String], pool: SecretPool, random: any RandomSource
    ) {
        self.clients = Mutex([:])
        self.secrets = SecretHeaders(random: random)
        self.addresses = AddressGuard(policy: policy)
        self.proxies = ProxySettings(environment: environment)
        self.pool = pool
    }

    deinit {
        // A client must be told to end; it outlives this object for as long as that takes.
        for client in clients.withLock({ Array($0.values) }) { client.shutdown { _ in } }
    }

    /// Sends a request once and returns what came back, whatever its status.
    ///
    /// - Throws: ``VaultFailure`` with `unreachable`, `deadlinePassed`, `untrusted` or `notUnderstood`.
    package func send(
        _ request: VaultRequest, trust: ServerTrust, deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> VaultAnswer {
        let origin = request.origin
        guard origin.isWebAddress, origin.scheme == "https" || origin.isLoopback || request.isForMetadata else {
            throw VaultFailure(.untrusted, detail: "\(origin.authority) is not asked without encryption")
        }
        let proxy = request.isForMetadata ? nil : proxies.proxy(to: origin)
        let way = Way(
            proxy: proxy,
            reachesGuarded: request.isForMetadata || addresses.lists(host: origin.host, port: origin.port),
            name: origin.scheme == "https" && NetworkAddress(origin.host) == nil ? origin.host : nil)
        // Behind a proxy it is the proxy that looks the name up.
        if !way.reachesGuarded, proxy == nil || NetworkAddress(origin.host) != nil {
            try await addresses.check(host: origin.host)
        }
        let remaining = min(request.timeout, deadline - .now)
        guard remaining > .zero else { throw VaultFailure(.deadlinePassed) }
        var placeHolders: [String] = []
        defer { for placeHolder in placeHolders { secrets.forget(placeHolder) } }
        var headers = HTTPHeaders(request.headers)
        for header in request.secretHeaders {
            guard header.value.isHeaderText else {
                throw VaultFailure(
                    .credentialUnreadable,
                    detail: "the credential is empty or has characters that no credential has, such as a line end")
            }
            let placeHolder = secrets.placeHolder(for: header.value)
            placeHolders.append(placeHolder)
            headers.add(name: header.name, value: header.prefix + placeHolder)
        }
        let body = request.body.map { body in
            var bytes = ByteBufferAllocator.erasing.buffer(capacity: body.count)
            body.withBytes { $0.withUnsafeBytes { _ = bytes.writeBytes($0) } }
            return HTTPClient.Body.byteBuffer(bytes)
        }
        do {
            let outgoing = try HTTPClient.Request(
                url: "\(origin.scheme)://\(origin.authority)\(request.target)",
                method: HTTPMethod(rawValue: request.method),
                headers: headers,
                body: body,
                // Part of what connections are found by, and long.
                tlsConfiguration: origin.scheme == "https" ? trust.configuration : nil
            )
            return try await VaultExchange.answer(
                to: outgoing, over: client(for: way), until: .now() + TimeAmount(remaining), in: pool)
        } catch {
            throw Self.failure(error, isOver: deadline <= .now)
        }
    }

    private func client(for way: Way) -> HTTPClient {
        clients.withLock { clients in
            if let known = clients[way] { return known }
            var configuration = HTTPClient.Configuration(
                redirectConfiguration: .disallow,
                timeout: .init(connect: .seconds(5), read: nil),
                proxy: way.proxy.map { .server(host: $0.host, port: $0.port ?? 3128) },
                decompression: .disabled
            )
            configuration.httpVersion = .http1Only
            // Whether and when to try again is up to `VaultEndpoint`; a host where nobody listens is told of at once.
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.mostConnections
            // Which secrets are asked for is told to nobody else, and not even making up what would be told is free.
            configuration.tracing.tracer = nil
            configuration.http1_1ConnectionDebugInitializer = { [secrets] channel in
                channel.eventLoop.makeCompletedFuture {
                    do {
                        try Self.prepare(channel, way, secrets)
                    } catch {
                        // Nobody else does.
                        channel.close(promise: nil)
                        throw error
                    }
                }
            }
            // One event loop for each: a request whose connection is on another one than itself goes to and fro between
            // them with each step.
            let loop = NIOSingletons.posixEventLoopGroup.next()
            let client = HTTPClient(eventLoopGroup: loop, configuration: configuration)
            clients[way] = client
            return client
        }
    }

    /// Looks at whom a connection was made to, and makes it fit for secrets.
    private static func prepare(_ channel: any Channel, _ way: Way, _ secrets: SecretHeaders) throws {
        guard way.proxy != nil || way.reachesGuarded || AddressGuard.allows(channel.remoteAddress) else {
            throw VaultFailure(.untrusted, detail: "its name stands for an address that no link may reach")
        }
        let handlers = channel.pipeline.syncOperations
        try channel.syncOptions?.setOption(.allocator, value: .erasing)
        let handler = SecretHeaderHandler(secrets)
        guard let encryption = try? handlers.handler(type: NIOSSLClientHandler.self) else {
            return try handlers.addHandler(handler, position: .first)
        }
        if let name = way.name {
            guard let certificate = encryption.peerCertificate, ServerNameCheck.accepts(certificate, for: name) else {
                throw VaultFailure(.untrusted, detail: "its certificate is of another name")
            }
        }
        try handlers.addHandler(handler, position: .after(encryption))
    }

    private static func failure(_ error: any Error, isOver: Bool) -> VaultFailure {
        switch error {
        case let failure as VaultFailure: return failure
        case let error as HTTPClientError: return failure(error)
        case is CancellationError: return VaultFailure(.deadlinePassed)
        case let error as NIOSSLError: return failure(error)
        case is NIOSSLExtraError: return VaultFailure(.untrusted, detail: "its certificate is of another name")
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first?.error as? IOError else {
                return VaultFailure(.unreachable, detail: "its name is not known")
            }
            return VaultFailure(
                .unreachable, detail: String(describing: SystemCallError(call: "connect", number: first.errnoCode)))
        case let error as IOError:
            return VaultFailure(
                .unreachable, detail: String(describing: SystemCallError(call: "read", number: error.errnoCode)))
        default:
            return VaultFailure(isOver ? .deadlinePassed : .unreachable, detail: isOver ? nil : "the connection broke")
        }
    }

    private static func failure(_ error: HTTPClientError) -> VaultFailure {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout, .cancelled:
            VaultFailure(.deadlinePassed)
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout:
            VaultFailure(.unreachable, detail: "no connection could be made in time")
        case .proxyAuthenticationRequired, .invalidProxyResponse:
            VaultFailure(.unreachable, detail: "the proxy does not let the connection through")
        default: VaultFailure(.unreachable, detail: "the connection broke")
        }
    }

    private static func failure(_ error: NIOSSLError) -> VaultFailure {
        switch error {
        case .handshakeFailed(.sslError(let stack)):
            stack.contains { String(describing: $0).contains("CERTIFICATE_VERIFY_FAILED") }
                ? VaultFailure(.untrusted, detail: "its certificate cannot be verified")
                : VaultFailure(.unreachable, detail: "it does not speak TLS as expected")
        case .unableToValidateCertificate: VaultFailure(.untrusted, detail: "its certificate cannot be verified")
        default: VaultFailure(.unreachable, detail: "the connection broke")
        }
    }
}

extension SecretBytes {
    /// Whether it can stand in a header: visible characters of ASCII, and spaces between them.
    fileprivate var isHeaderText: Bool {
        withBytes { bytes in
            bytes.byteCount > 0
                && (0..<bytes.byteCount).allSatisfy {
                    (0x20...0x7E).contains(bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self))
                }
        }
    }
}
