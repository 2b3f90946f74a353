import Foundation
import Glibc
import Testing

/// `hush serve` as a process.
@Suite(.timeLimit(.minutes(5))) struct ServeCommandTests {
    /// A server that was started and listens.
    private struct Server {
        let process: pid_t
        let url: String
        let home: Home

        var log: String {
            get throws { String(decoding: try home.folder.bytes(of: "errors"), as: UTF8.self) }
        }

        /// Sends a signal and returns how the process ended.
        func end(by signal: Int32) -> Int32 {
            kill(process, signal)
            return HushProcess.wait(for: process)
        }

        /// Waits until the log has a line with `text`.
        func waitForLog(_ text: String) throws {
            while true {
                let log = try log
                if log.contains(text) { return }
                try #require(kill(process, 0) == 0, "\(log)")
                sched_yield()
            }
        }
    }

    private func start(_ home: Home, _ arguments: [String], _ environment: [String: String] = [:]) throws -> Server {
        let process = try home.process(["serve"] + arguments, environment)
            .start(output: home.folder.path("output"), errors: home.folder.path("errors"))
        while true {
            let log = String(decoding: try home.folder.bytes(of: "errors"), as: UTF8.self)
            if let line = log.firstMatch(of: /Listening on (\S+)\n/) {
                return Server(process: process, url: String(line.1), home: home)
            }
            try #require(kill(process, 0) == 0, "\(log)")
            sched_yield()
        }
    }

    private func curl(_ home: Home, _ arguments: String) throws -> Outcome {
        try home.process([]).runShell("curl -sS --noproxy '*' \(arguments)")
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func answersUntilASignalStopsIt(signal: Int32) throws {
        let home = try Home.withPayments()
        let token = try home.hush("tokens", "create").output.trimmingCharacters(in: .newlines)
        let server = try start(home, ["--listen", "127.0.0.1:0"])
        #expect(try curl(home, "\(server.url)/health").output == #"{"live":true,"ready":true}"#)
        let call = "-H 'Authorization: Bearer \(token)' '\(server.url)/api/2.0/secrets/get?scope=payments&key=api-key'"
        #expect(try curl(home, call).output == #"{"key":"api-key","value":"dG9rX2xpdmVfNWYyYQ=="}"#)
        // The command line beside it works on the same workspace.
        let readers = try home.succeed("audit", "who-read", "payments", "api-key")
        #expect(readers.contains("REST"))
        #expect(server.end(by: signal) == 128 + signal)
        let log = try server.log
        let lines = log.split(separator: "\n").filter { !$0.hasPrefix("Listening on ") }
        #expect(lines.count >= 2)
        for line in lines {
            let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(json?["level"] is String && json?["time"] is String && json?["message"] is String, "\(line)")
        }
        #expect(log.contains(#""route":"/api/2.0/secrets/get","status":200"#))
        for secret in [token, "tok_live", "dG9rX2xpdmVf", "scope=payments"] { #expect(!log.contains(secret)) }
        #expect(try home.folder.bytes(of: "output").isEmpty)
        #expect(try home.succeed("verify").contains("payments") == false)
    }

    @Test func tokenThatIsRevokedBesideItIsRefusedByTheNextRequest() throws {
        let home = try Home.withPayments()
        let created = try home.hush("tokens", "create")
        let token = created.output.trimmingCharacters(in: .newlines)
        let id = try #require(created.errors.firstMatch(of: /[0-9a-f]{32}/).map { String($0.0) })
        let server = try start(home, ["--listen", "127.0.0.1:0"])
        let call =
            "-o /dev/null -w '%{http_code}' -H 'Authorization: Bearer \(token)' \(server.url)/api/2.0/secrets/scopes/list"
        #expect(try curl(home, call).output == "200")
        try home.succeed("tokens", "revoke", id)
        #expect(try curl(home, call).output == "401")
        _ = server.end(by: SIGTERM)
    }

    @Test(arguments: ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
    func addressThatOthersReachNeedsTLS(address: String) throws {
        let home = try Home()
        let outcome = try home.hush("serve", "--listen", address)
        #expect(outcome.status == 64 && outcome.output.isEmpty)
        #expect(
            outcome.errors == """
                Error: \(address) can be reached from other machines. Give --tls-cert and --tls-key, or \
                --insecure-http if something else encrypts the way to it.

                """)
        // The setting comes from the environment too.
        #expect(try home.hush("serve", environment: ["HUSH_LISTEN": address]) == outcome)
    }

    @Test func insecureHTTPIsSaidOutLoud() throws {
        let home = try Home()
        let server = try start(home, ["--listen", "0.0.0.0:0", "--insecure-http"])
        #expect(server.url.hasPrefix("http://0.0.0.0:"))
        _ = server.end(by: SIGTERM)
    }

    @Test(arguments: [
        (["--listen", "127.0.0.1"], "--listen wants a host and a port, such as 127.0.0.1:4874 or [::1]:4874"),
        (["--public-url", "example.com"], "--public-url wants a scheme and a host, such as https://hush.example.com"),
        (["--public-url", "https://a/b"], "--public-url wants a scheme and a host, such as https://hush.example.com"),
        (["--trusted-proxies", "proxy"], "--trusted-proxies wants IP addresses with commas in between"),
        (["--rate-limit", "0"], "--rate-limit wants a number from 1 on"),
        (["--tls-cert", "x"], "--tls-cert and --tls-key go together. Give both."),
        (["--tls-key", "x"], "--tls-cert and --tls-key go together. Give both."),
    ])
    func wrongSettingsAreRefused(arguments: [String], message: String) throws {
        let home = try Home()
        let outcome = try home.process(["serve"] + arguments).run()
        #expect(outcome == Outcome(64, errors: "Error: \(message)\n"))
    }

    @Test func settingsComeFromTheFileUnlessTheyAreGiven() throws {
        let home = try Home()
        let file = home.folder.path("settings.yaml")
        try home.folder.write(
            """
            # for the office
            server:
              listen: 0.0.0.0:0
              insecure-http: true
              rate-limit: 1000
            """, to: "settings.yaml")
        func listens(_ arguments: [String], _ environment: [String: String], at host: String) throws {
            let server = try start(Home(), ["--config", file] + arguments, environment)
            #expect(server.url.hasPrefix("http://\(host):"))
            _ = server.end(by: SIGTERM)
        }
        try listens([], [:], at: "0.0.0.0")
        // A variable counts before the file, an option before both.
        try listens([], ["HUSH_LISTEN": "127.0.0.2:0"], at: "127.0.0.2")
        try listens(["--listen", "127.0.0.3:0"], ["HUSH_LISTEN": "127.0.0.2:0"], at: "127.0.0.3")
    }

    @Test func settingsOfTheWorkspaceAreFound() throws {
        let home = try Home()
        try Data("server: {listen: \"127.0.0.4:0\"}\n".utf8)
            .write(to: URL(fileURLWithPath: home.path + "/config.yaml"))
        let server = try start(home, [])
        #expect(server.url.hasPrefix("http://127.0.0.4:"))
        _ = server.end(by: SIGTERM)
    }

    @Test(arguments: [
        ("server:\n  listens: x\n", 1, "In settings.yaml, line 2, server.listens is no setting. Use one of: "),
        ("servers: {}\n", 1, "In settings.yaml, line 1, servers is no setting. Use one of: links, server."),
        ("server: 7\n", 1, "In settings.yaml, line 1, server must hold settings."),
        ("- server\n", 1, "The settings in settings.yaml have no sections."),
        ("server: {\n", 1, "The settings in settings.yaml are not YAML (line "),
        ("server:\n  rate-limit: fast\n", 64, "server.rate-limit in settings.yaml must be a whole number"),
        ("server:\n  rate-limit: 0\n", 64, "server.rate-limit in settings.yaml wants a number from 1 on"),
        ("server:\n  insecure-http: 7\n", 64, "server.insecure-http in settings.yaml must be true or false"),
        ("server:\n  listen: [a, b]\n", 64, "server.listen in settings.yaml must be one text"),
        ("server:\n  listen: office\n", 64, "server.listen in settings.yaml wants a host and a port"),
    ])
    func settingsThatMakeNoSenseAreNamed(text: String, status: Int32, message: String) throws {
        let home = try Home()
        try home.folder.write(text, to: "settings.yaml")
        let outcome = try home.process([]).runShell(
            "cd '\(home.folder.path("."))' && exec \"$HUSH\" serve --config settings.yaml")
        #expect(outcome.status == status)
        #expect(outcome.errors.hasPrefix("Error: \(message)"), "\(outcome)")
    }

    @Test func settingsThatAreNotThereAreNamedWhenTheyWereAskedFor() throws {
        let outcome = try Home().hush("serve", "--config", "/nowhere/settings.yaml")
        #expect(outcome == Outcome(1, errors: "Error: There are no settings at /nowhere/settings.yaml.\n"))
    }

    @Test func variableOfAnotherTypeIsNamed() throws {
        let outcome = try Home().hush("serve", environment: ["HUSH_RATE_LIMIT": "fast"])
        #expect(outcome == Outcome(64, errors: "Error: HUSH_RATE_LIMIT must be a whole number\n"))
    }

    @Test func certificateThatCannotBeReadIsNamed() throws {
        let home = try Home()
        let outcome = try home.hush("serve", "--tls-cert", "/nothing.pem", "--tls-key", "/nothing.key")
        #expect(outcome.status == 1)
        #expect(
            outcome.errors
                == "Error: There is no certificate in PEM form to be read from /nothing.pem. Check the file and its mode.\n"
        )
    }

    @Test func hangupMakesItReadTheCertificateAnew() throws {
        let home = try Home()
        let folder = home.folder.path("")
        func make(_ name: String) throws {
            let outcome = try home.process([]).runShell(
                """
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=\(name) \
                -addext subjectAltName=IP:127.0.0.1 -keyout \(folder)/server.key -out \(folder)/server.pem
                """)
            try #require(outcome.status == 0, "\(outcome)")
        }
        try make("first")
        let server = try start(
            home, ["--listen", "127.0.0.1:0"],
            ["HUSH_TLS_CERT": folder + "/server.pem", "HUSH_TLS_KEY": folder + "/server.key"])
        #expect(server.url.hasPrefix("https://127.0.0.1:"))
        func isTrusted() throws -> Bool {
            try curl(home, "--cacert \(folder)/server.pem \(server.url)/health").status == 0
        }
        #expect(try isTrusted())
        let configuration = try curl(home, "-k \(server.url)/.well-known/databricks-config").output
        #expect(configuration.contains("\"oidc_endpoint\":\"\(server.url)/oidc\""))
        try make("second")
        #expect(try !isTrusted())
        kill(server.process, SIGHUP)
        try server.waitForLog("certificate reloaded")
        #expect(try isTrusted())
        try home.folder.write("nothing", to: "server.pem")
        kill(server.process, SIGHUP)
        try server.waitForLog("certificate not reloaded")
        #expect(try curl(home, "-k \(server.url)/health").status == 0)
        #expect(server.end(by: SIGTERM) == 128 + SIGTERM)
    }

    @Test func linksNameTheAddressThatClientsKnow() throws {
        let home = try Home()
        let server = try start(home, ["--listen", "127.0.0.1:0", "--public-url", "https://hush.example.com/"])
        for path in [".well-known/databricks-config", "oidc/.well-known/oauth-authorization-server"] {
            #expect(try curl(home, "\(server.url)/\(path)").output.contains("\"https://hush.example.com/oidc"))
        }
        _ = server.end(by: SIGTERM)
    }

    @Test func addressThatIsTakenIsNamed() throws {
        let home = try Home()
        let server = try start(home, ["--listen", "127.0.0.1:0"])
        let address = String(server.url.dropFirst("http://".count))
        let outcome = try home.hush("serve", "--listen", address)
        #expect(outcome.status == 1 && outcome.errors.hasPrefix("Error: The address \(address) cannot be bound: "))
        _ = server.end(by: SIGTERM)
    }
}
