import Foundation
import ScopeServer
import SecretScopes
import TestPrograms
import Testing
import WorkspaceFixtures

/// What a server that strangers can reach keeps to.
@Suite(.timeLimit(.minutes(5))) struct NetworkServerTests {
    /// Limits so wide that only the one that a test narrows can end a connection.
    private static var wide: NetworkServer.Limits {
        var limits = NetworkServer.Limits()
        limits.idle = .seconds(3600)
        limits.transfer = .seconds(3600)
        return limits
    }

    @Test(arguments: [
        "GET /api/2.0/secrets/sco", "GET /health HTTP/1.1\r\nHost: x\r\nX-A: b",
        "POST /api/2.0/secrets/put HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"scope\":",
    ])
    func clientThatIsSlowWithARequestIsCutOff(beginning: String) async throws {
        var limits = Self.wide
        limits.transfer = .milliseconds(200)
        try await TestServer.serve(limits: limits) { server async throws in
            _ = try await RawHTTP.exchange(Array(beginning.utf8), port: server.port)
            // It ended, and others are served.
            #expect(try await server.get("/api/2.0/secrets/scopes/list").status == 200)
        }
    }

    @Test func connectionWithoutARequestIsClosed() async throws {
        var limits = Self.wide
        limits.idle = .milliseconds(200)
        try await TestServer.serve(limits: limits) { server async throws in
            #expect(try await RawHTTP.exchange([], port: server.port).isEmpty)
        }
    }

    @Test func connectionsAboveTheLimitWait() async throws {
        var limits = Self.wide
        limits.connections = 1
        try await TestServer.serve(limits: limits) { server async throws in
            let request = Array("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            let last = Array("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
            try await offPool {
                var first: RawHTTP.Connection? = try RawHTTP.Connection(port: server.port)
                try first?.send(request)
                #expect(first?.readSome().isEmpty == false)
                let second = try RawHTTP.Connection(port: server.port)
                try second.send(last)
                for _ in 0..<20 {
                    try first?.send(request)
                    #expect(first?.readSome().isEmpty == false)
                }
                #expect(!second.hasAnswer)
                first = nil
                #expect(String(decoding: second.readAll(), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
            }
        }
    }

    @Test(arguments: [
        "X-A: " + String(repeating: "a", count: 40_000),
        (0..<200).map { "X-\($0): a" }.joined(separator: "\r\n"),
        (0..<60).map { "X-\($0): " + String(repeating: "a", count: 2000) }.joined(separator: "\r\n"),
    ])
    func headersAboveTheLimitsAreRefused(headers: String) async throws {
        try await TestServer.serve { server async throws in
            let request = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers)\r\n\r\n"
            try await Self.expectRefusal(of: request, by: server)
            #expect(try await server.events(.authenticate).map(\.statusCode) == [401])
            #expect(try await server.get("/health").status == 200)
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost x\r\n\r\n",
        "HUNTER2 / HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n",
        "POST /api/2.0/secrets/put HTTP/1.1\r\nHost: x\r\nContent-Length: hunter2\r\n\r\n",
        "GET /" + String(repeating: "x", count: 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func whatIsNotHTTPIsRefusedInJSONAndCounted(text: String) async throws {
        try await TestServer.serve { server async throws in
            try await Self.expectRefusal(of: text, by: server)
            #expect(try await server.events(.authenticate).map(\.statusCode) == [401])
            #expect(try await server.get("/api/2.0/secrets/scopes/list").status == 200)
        }
    }

    /// Sends what cannot be read as a request. Whoever still sends when the connection is closed may lose the answer.
    private static func expectRefusal(of text: String, by server: TestServer) async throws {
        let bytes = try await RawHTTP.exchange(Array(text.utf8), port: server.port)
        guard !bytes.isEmpty || text.utf8.count < 10_000 else { return }
        let answer = try RawHTTP.parse(bytes)
        #expect(answer.status == 400 && answer.member("error_code") == "MALFORMED_REQUEST", "\(answer)")
        #expect(!answer.body.lowercased().contains("hunter2"))
    }

    /// A folder with an authority, and a server's certificate and key for 127.0.0.1.
    private static func withCertificate(
        _ body: @Sendable (_ authority: String, TLSIdentity) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await PythonScript.run("certificates.py", arguments: [folder, "127.0.0.1"])
        try await body(
            folder + "/authority.pem",
            TLSIdentity(certificatePath: folder + "/server.pem", keyPath: folder + "/server.key"))
    }

    @Test(arguments: [("--http2", "2"), ("--http1.1", "1.1")])
    func clientChoosesTheVersionOfHTTPOverTLS(option: String, version: String) async throws {
        try await Self.withCertificate { authority, identity in
            try await TestServer.serve(identity: identity) { server async throws in
                try await server.fixture.services().createScope(CreateScopeRequest(scope: "payments"))
                let answer = try await curl([
                    "-sS", option, "--cacert", authority, "-H", "Authorization: Bearer \(server.administrator)", "-w",
                    " %{http_version}", "https://127.0.0.1:\(server.port)/api/2.0/secrets/scopes/list",
                ])
                #expect(answer == #"{"scopes":[{"name":"payments","backend_type":"DATABRICKS"}]} \#(version)"#)
                #expect(try await server.events(.listScopes).last?.origin.address == "127.0.0.1")
            }
        }
    }

    @Test func manyStreamsOfAConnectionAreAnsweredAndLimited() async throws {
        try await Self.withCertificate { authority, identity in
            try await TestServer.serve(identity: identity) { server async throws in
                _ = try await PythonScript.run(
                    "http2.py", arguments: ["\(server.port)", authority, server.administrator, "streams"])
                #expect(try await server.fixture.services().verify(against: nil) { _, _ in }.problems == [])
            }
        }
    }

    @Test(arguments: ["body", "headers", "silent"])
    func clientThatIsSlowOverHTTP2IsCutOff(fault: String) async throws {
        var limits = Self.wide
        limits.transfer = .milliseconds(200)
        if fault != "body" { limits.idle = .milliseconds(200) }
        try await Self.withCertificate { [limits] authority, identity in
            try await TestServer.serve(identity: identity, limits: limits) { server async throws in
                // It ends when the server ends the stream, or the connection.
                _ = try await PythonScript.run(
                    "http2.py", arguments: ["\(server.port)", authority, server.administrator, fault])
            }
        }
    }

    @Test func clientThatNeverEndsItsHandshakeIsCutOff() async throws {
        var limits = Self.wide
        limits.transfer = .milliseconds(200)
        try await Self.withCertificate { [limits] _, identity in
            try await TestServer.serve(identity: identity, limits: limits) { server async throws in
                #expect(try await RawHTTP.exchange([0x16, 0x03], port: server.port).isEmpty)
            }
        }
    }

    @Test func certificateThatIsReadAnewIsShownToTheNextConnection() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = folder.appendingPathComponent("server.pem").path
        let key = folder.appendingPathComponent("server.key").path
        let authority = folder.appendingPathComponent("authority.pem").path
        @Sendable func make() async throws {
            _ = try await PythonScript.run("certificates.py", arguments: [folder.path, "127.0.0.1"])
        }
        try await make()
        let identity = try TLSIdentity(certificatePath: certificate, keyPath: key)
        try await TestServer.serve(identity: identity) { server async throws in
            func isTrusted() async throws -> Bool {
                let arguments = ["-sS", "--cacert", authority, "https://127.0.0.1:\(server.port)/health"]
                return try await curl(arguments) == #"{"live":true,"ready":true}"#
            }
            #expect(try await isTrusted())
            try await make()
            #expect(try await !isTrusted())
            try identity.reload()
            #expect(try await isTrusted())
            // A key that belongs to another certificate, and a file that is none, change nothing.
            let good = try Data(contentsOf: URL(fileURLWithPath: certificate))
            try Data("nothing".utf8).write(to: URL(fileURLWithPath: certificate))
            #expect(throws: ScopeError.self) { try identity.reload() }
            let goodKey = try Data(contentsOf: URL(fileURLWithPath: key))
            let goodAuthority = try Data(contentsOf: URL(fileURLWithPath: authority))
            try await make()
            try goodKey.write(to: URL(fileURLWithPath: key))
            #expect(throws: ScopeError.self) { try identity.reload() }
            try good.write(to: URL(fileURLWithPath: certificate))
            try goodAuthority.write(to: URL(fileURLWithPath: authority))
            #expect(try await isTrusted())
        }
    }

    @Test(arguments: [
        ("127.0.0.1:4874", true), ("127.9.9.9:1", true), ("localhost:4874", true), ("[::1]:443", true),
        ("0.0.0.0:4874", false), ("[::]:443", false), ("127.0.0.1.example.com:80", false), ("10.0.0.1:80", false),
        ("127.0.0:80", false), ("127.0.0.256:80", false), ("localhost.example.com:80", false),
    ])
    func onlyLoopbackIsLoopback(text: String, isLoopback: Bool) {
        #expect(ListenAddress(text)?.isLoopback == isLoopback)
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(arguments: ["", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "a:-1", "[]:1"])
    func whatIsNoAddressIsNotRead(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    private func curl(_ arguments: [String]) async throws -> String {
        try await offPool {
            String(decoding: try ToolProcess("curl", arguments, isQuiet: true).finish().output, as: UTF8.self)
        }
    }
}
