import Foundation
import Glibc
import Testing

/// The commands against a server: they print what they print in the workspace itself.
@Suite(.timeLimit(.minutes(10))) struct RemoteCommandsTests {
    /// Each golden file, `--as` included, holds over the wire.
    @Test(arguments: SecretsOutputTests.commands)
    func goldenFileHoldsOverTheWire(name: String) throws {
        let remote = try RemoteHome(.withPayments())
        try Transcript(name: name).check(in: remote.away, environment: remote.environment)
    }

    @Test(arguments: ["auth/login", "auth/describe"])
    func goldenFileOfSigningIn(name: String) throws {
        let remote = try RemoteHome(.withPayments())
        let file = ".databrickscfg"
        try remote.away.folder.write(
            "; mine\n[DEFAULT]\nhost = https://example.cloud.databricks.com  # work\ntoken = dapi-other\n\n[broken]\n"
                + "host = https://a.example\nauth_type = azure-cli\n", to: file)
        try Transcript(name: name).check(
            in: remote.away,
            environment: ["SERVER": remote.server.url, "TOKEN": remote.token],
            replacing: [
                remote.away.folder.path(file): "~/.databrickscfg", remote.server.url: "http://127.0.0.1:4874",
                remote.token: "dapi",
            ]
        )
    }

    /// One call after the other in two equal workspaces, in one of them through its server.
    @Test func sameCallsPrintTheSame() throws {
        let local = try Home.withPayments()
        let remote = try RemoteHome(.withPayments())
        func outcome(_ outcome: Outcome) -> Outcome {
            var outcome = outcome
            // Times, ids and application ids are not known in advance.
            outcome.output = Transcript.withoutTimesAndIDs(outcome.output)
                .replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "APPLICATION")
                .replacing(/(dapi|dose)[0-9a-f]{64}/, with: "TOKEN")
            outcome.errors = Transcript.withoutTimesAndIDs(outcome.errors)
            return outcome
        }
        for line in [
            "users create bob@example.com", "users create bob@example.com", "users list", "users list -o json",
            "users deactivate bob@example.com", "users list", "users activate bob@example.com -o json",
            "groups create juniors", "groups add-member juniors bob@example.com", "groups add-member analysts juniors",
            "groups show analysts", "groups show analysts -o json", "groups show users", "groups show nobody",
            "groups add-member juniors nobody", "groups remove-member juniors bob@example.com -o json",
            "groups remove-member juniors bob@example.com", "groups list -o json", "groups delete admins",
            "service-principals create robot", "service-principals list",
            "users delete bob@example.com", "users delete bob@example.com",
            "tokens create --comment laptop --lifetime 90d", "tokens create -o json", "tokens revoke 12",
            "tokens revoke 0123456789abcdef0123456789abcdef",
            "tokens list --as ana@example.com", "tokens list --all --as ana@example.com",
            "secrets get-secret payments api-key --as ana@example.com",
            "secrets put-secret payments new --string-value x --as ana@example.com",
            "secrets get-secret payments api-key --as nobody", "secrets get-secret payments api-key --raw",
            "audit who-read payments nothing", "audit reads nobody", "redact --scope payments /etc/hostname",
            "redact --scope nothing /etc/hostname",
            "secrets put-secret payments api-key --string-value second", "secrets versions payments api-key -o json",
            "secrets versions payments api-key --as ana@example.com", "secrets versions payments nothing",
            "secrets get-secret payments api-key --version 1 --raw", "secrets get-secret payments api-key --version 9",
            "secrets restore payments api-key --version 1 --as ana@example.com",
            "secrets restore payments api-key --version 1", "secrets restore payments api-key --version 3 -o json",
            "scopes list", "scopes set-redaction payments strict", "scopes list -o json",
            "scopes set-redaction payments literal --as ana@example.com", "scopes set-redaction nothing strict",
            "access payments", "access payments -o json", "access payments ana@example.com", "access payments nobody",
            "access payments bob@example.com -o json", "access payments --as ana@example.com",
        ] {
            let arguments = line.split(separator: " ").map(String.init)
            let here = outcome(try local.process(arguments).run())
            let there = outcome(try remote.process(arguments).run())
            #expect(there == here, "\(line)")
        }
    }

    /// Over the wire only administrators are told when a token was used.
    @Test func lastUseOfOnesOwnTokensIsNotTold() throws {
        let remote = try RemoteHome(.withPayments())
        #expect(try remote.hush("tokens", "list").output.contains("  not told  "))
        #expect(try !remote.hush("tokens", "list", "-o", "json").output.contains("last_used_day"))
        #expect(try !remote.hush("tokens", "list", "--all").output.contains("not told"))
        #expect(try remote.hush("tokens", "list", "--all", "-o", "json").output.contains("last_used_day"))
    }

    @Test func clientSecretsSignIn() throws {
        let remote = try RemoteHome(.withPayments())
        let created = try remote.hush("service-principals", "create", "robot", "-o", "json").output
        let application = try #require(created.firstMatch(of: /"name": "([0-9a-f-]{36})"/).map { String($0.1) })
        let secret = try remote.hush("service-principals", "create-secret", application, "--lifetime", "1h").output
        let listed = try remote.hush("service-principals", "list-secrets", application)
        #expect(
            Transcript.withoutTimesAndIDs(listed.output)
                == Transcript.withoutTimesAndIDs(
                    try remote.home.succeed("service-principals", "list-secrets", application)))
        let login = try remote.away.hush(
            "auth", "login", "--host", remote.server.url, "--profile", "robot", "--client-id", application,
            input: .text(secret))
        #expect(login.status == 0 && login.output.contains("\(application) at \(remote.server.url)"), "\(login)")
        let described = try remote.away.succeed("auth", "describe", "--profile", "robot", "-o", "json")
        #expect(described.contains("\"auth_type\": \"oauth-m2m\"") && !described.contains("dose"))
        #expect(try remote.away.succeed("secrets", "list-scopes", "--profile", "robot").contains("payments"))
        let id = try #require(listed.output.firstMatch(of: /[0-9a-f]{32}/).map { String($0.0) })
        #expect(try remote.hush("service-principals", "delete-secret", application, id).status == 0)
        #expect(try remote.away.hush("secrets", "list-scopes", "--profile", "robot").status == 1)
    }

    /// The record is the same, whoever asks for it.
    @Test func recordIsReadOverTheWire() throws {
        let remote = try RemoteHome(.withPayments())
        for principal in ["ana@example.com", Home.administrator] {
            let outcome = try remote.hush("secrets", "get-secret", "payments", "api-key", "--as", principal)
            #expect(outcome.status == 0, "\(outcome)")
        }
        #expect(try remote.hush("secrets", "get-secret", "payments", "none", "--as", "ana@example.com").status == 1)
        for arguments in [
            ["audit", "events", "--scope", "payments", "--action", "getSecret"],
            ["audit", "events", "--scope", "payments", "--action", "getSecret", "-o", "json"],
            ["audit", "events", "--action", "putSecret", "-o", "json"],
            ["audit", "events", "--status", "404", "--since", "1h"],
            ["audit", "events", "--limit", "2", "--until", "2020-01-01"],
            ["audit", "who-read", "payments"], ["audit", "who-read", "payments", "api-key", "-o", "json"],
            ["audit", "reads", "ana@example.com"],
        ] {
            let there = try remote.process(arguments).run()
            let here = try remote.home.process(arguments).run()
            #expect(there == here && there.status == 0, "\(arguments)")
        }
        let line = try remote.hush("audit", "events", "--action", "getSecret", "--limit", "3", "-o", "json").output
        #expect(line.contains(#""identityMetadata":{"runBy":"root@example.com","runAs":"ana@example.com"}"#))
        #expect(line.contains(#""surface":"REST""#) && line.contains("hush/"))
    }

    @Test func recordIsFollowedOverTheWire() throws {
        let remote = try RemoteHome(.withPayments())
        try remote.home.succeed("secrets", "get-secret", "payments", "api-key")
        let following = try RunningProcess(
            remote.process(["audit", "events", "--follow", "--action", "getSecret", "-o", "json"]))
        #expect(following.read { $0.contains("\"email\":\"root@example.com\"") })
        try remote.home.succeed("secrets", "get-secret", "payments", "api-key", "--as", "ana@example.com")
        #expect(following.read { $0.contains("\"email\":\"ana@example.com\"") })
        try remote.home.succeed("secrets", "get-secret", "payments", "api-key", "--as", "ana@example.com")
        #expect(following.read { $0.split(separator: "\n").count == 3 })
        #expect(following.end(by: SIGTERM) == 128 + SIGTERM)
    }

    @Test func recordIsVerifiedOverTheWire() throws {
        let remote = try RemoteHome(.withPayments())
        let file = remote.away.folder.path("checkpoint")
        #expect(try remote.hush("audit", "checkpoint", "--out", file) == Outcome(0))
        let verified = try remote.hush("audit", "verify", "--against", file)
        #expect(verified.status == 0 && verified.output.contains(" rows: intact.\n"), "\(verified)")
        #expect(try remote.hush("verify", "-o", "json").output.contains("\"intact\": true"))
        // One of a workspace that went on otherwise.
        let other = try Home.withPayments()
        for _ in 0..<5 { try other.succeed("secrets", "list-secrets", "payments") }
        let foreign = other.folder.path("foreign")
        try other.succeed("audit", "checkpoint", "--out", foreign)
        let wrong = try remote.hush("audit", "verify", "--against", foreign)
        #expect(wrong.status == 1 && wrong.errors.contains("The workspace was altered"), "\(wrong)")
        let bob = try RemoteHome.token(in: remote.home, for: "ana@example.com")
        for command in ["verify", "checkpoint"] {
            let refused = try remote.process(["audit", command], token: bob).run()
            #expect(refused.status == 1 && refused.errors.contains("is not an administrator"), "\(refused)")
        }
    }

    @Test func onlyAdministratorsActAsOthers() throws {
        let remote = try RemoteHome(.withPayments())
        try remote.home.succeed("users", "create", "bob@example.com")
        let bob = try RemoteHome.token(in: remote.home, for: "bob@example.com")
        let outcome = try remote.process(
            ["secrets", "get-secret", "payments", "api-key", "--as", "ana@example.com"], token: bob
        ).run()
        let message = "User bob@example.com is not an administrator, which acting as another principal needs."
        #expect(outcome == Outcome(1, errors: "Error: \(message)\n"))
        let events = try remote.home.succeed("audit", "events", "--status", "403", "-o", "json")
        #expect(events.contains(message) && events.contains(#""email":"bob@example.com""#))
    }

    @Test func tokenVanishesFromTheArguments() throws {
        let home = try Home(isInitialized: false)
        let listener = try SilentListener()
        let process = try home.process(
            ["secrets", "list-scopes", "--host", "http://127.0.0.1:\(listener.port)", "--token", "dapi5f2a"]
        ).start(output: home.folder.path("output"), errors: home.folder.path("errors"))
        defer {
            kill(process, SIGKILL)
            _ = HushProcess.wait(for: process)
        }
        listener.waitForConnection()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(process)/cmdline"))
        let arguments = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        #expect(arguments.contains("list-scopes") && !arguments.joined().contains("5f2a"))
    }

    /// With TLS and an authority that the machine does not know by itself.
    @Test func certificateOfAnOwnAuthorityIsNamedByAVariable() throws {
        let home = try Home.withPayments()
        let folder = home.folder.path("")
        let made = try home.process([]).runShell(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=server \
            -addext subjectAltName=IP:127.0.0.1 -keyout \(folder)/server.key -out \(folder)/server.pem
            """)
        try #require(made.status == 0, "\(made)")
        let remote = try RemoteHome(
            home, [], ["HUSH_TLS_CERT": folder + "/server.pem", "HUSH_TLS_KEY": folder + "/server.key"])
        #expect(remote.server.url.hasPrefix("https://127.0.0.1:"))
        let untrusted = try remote.hush("secrets", "list-scopes")
        #expect(
            untrusted.status == 1 && untrusted.errors.contains("cannot be verified")
                && !untrusted.errors.contains("dapi"),
            "\(untrusted)")
        var process = remote.process(["secrets", "get-secret", "payments", "api-key", "--raw"])
        process.environment["SSL_CERT_FILE"] = folder + "/server.pem"
        #expect(try process.run() == Outcome(0, output: "tok_live_5f2a"))
    }
}

/// A socket on this machine that takes connections and never answers.
private final class SilentListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let bound = bind(descriptor, pointer, length)
                return bound == 0 ? getsockname(descriptor, pointer, &length) : bound
            }
        }
        guard status == 0, listen(descriptor, 4) == 0 else { throw POSIXError(.EIO) }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }

    func waitForConnection() {
        close(accept(descriptor, nil, nil))
    }
}
