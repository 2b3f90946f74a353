import Foundation
import RepeatableRandomness
import TestPrograms
import Testing

/// `hush import` and `hush push` with vaults and other workspaces.
@Suite(.timeLimit(.minutes(10))) struct TransferVaultTests {
    /// One vault and how it is reached.
    struct Vault {
        let address: String
        var options: [String] = []
        var credential: String?
        var environment: [String: String] = [:]
        /// Names that it has no other form of.
        var alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        /// Whether a value can be any bytes.
        var isBinary = false
        var acceptsEmpty = true

        var arguments: [String] {
            options.flatMap { ["--option", $0] } + (credential.map { ["--credential", $0] } ?? [])
        }
    }

    private static func call(
        _ home: Home, _ vault: Vault, _ arguments: [String]
    ) throws -> Outcome {
        try home.process(arguments + vault.arguments, vault.environment).run()
    }

    /// A random scope, pushed, imported into a new one, and compared.
    private static func roundTrip(_ vault: Vault, location: SourceLocation = #_sourceLocation) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let home = try Home()
        try home.succeed("secrets", "create-scope", "from")
        var values: [String: String] = [:]
        for number in 0..<6 {
            let name = "k\(number)" + String((0..<4).map { _ in vault.alphabet.randomElement(using: &random) ?? "x" })
            let pieces = ["tok", "é", "\n", "\"", "\\", "'", " ", "${x}", "#"] + (vault.isBinary ? ["\u{0}"] : [])
            let count = Int.random(in: vault.acceptsEmpty ? 0...8 : 1...8, using: &random)
            values[name] = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        for (name, value) in values {
            let put =
                value.isEmpty
                ? try home.hush("secrets", "put-secret", "from", name, "--string-value", "")
                : try home.hush("secrets", "put-secret", "from", name, input: .text(value))
            try #require(put.status == 0, "\(put)", sourceLocation: location)
        }
        let pushed = try call(home, vault, ["push", "from", "--to", vault.address])
        #expect(
            pushed.status == 0 && pushed.output.contains("Copied 6 secrets to "), "seed \(seed): \(pushed)",
            sourceLocation: location)
        let again = try call(home, vault, ["push", "from", "--to", vault.address])
        #expect(again.output.contains("Copied 0 secrets"), "seed \(seed): \(again)", sourceLocation: location)
        let only = values.keys.sorted().flatMap { ["--only", $0] }
        let imported = try call(home, vault, ["import", "--from", vault.address, "to"] + only)
        #expect(imported.status == 0, "seed \(seed): \(imported)", sourceLocation: location)
        for (name, value) in values {
            let read = try home.succeed("secrets", "get-secret", "to", name, "--raw")
            #expect(read == value, "seed \(seed) \(name)", sourceLocation: location)
        }
        let all = try call(home, vault, ["import", "--from", vault.address, "all", "--dry-run"])
        #expect(
            all.status == 0 && values.keys.allSatisfy { all.output.contains("+ \($0)\n") }, "seed \(seed): \(all)",
            sourceLocation: location)
        #expect(try home.succeed("audit", "verify").contains("intact"), sourceLocation: location)
    }

    @Test(arguments: ["aws-secrets-manager", "aws-parameter-store"]) func awsByMoto(kind: String) async throws {
        let moto = try await VaultServer("moto_server.py")
        try Self.roundTrip(
            Vault(
                address: "\(kind)://eu-west-1/app/",
                options: ["access-key-id=AKIAIOSFODNN7EXAMPLE", "endpoint=http://127.0.0.1:\(moto.port)"],
                credential: "env:AWS_SECRET", environment: ["AWS_SECRET": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
                acceptsEmpty: false))
    }

    @Test func azureKeyVault() async throws {
        let azure = try await VaultServer("azure_key_vault.py", ["/nonexistent"])
        let authority = MemoryFile(try #require(azure.announcement["authority"]))
        try Self.roundTrip(
            Vault(
                address: "azure-key-vault://kv1",
                options: [
                    "auth=client-secret", "tenant-id=\(azure.announcement["tenant"] ?? "")",
                    "client-id=00000000-0000-0000-0000-000000000001", "endpoint=https://127.0.0.1:\(azure.port)",
                    "authority-host=https://localhost:\(azure.port)", "ca-file=\(authority.path)",
                ],
                credential: "env:AZURE_SECRET", environment: ["AZURE_SECRET": azure.announcement["secret"] ?? ""]))
    }

    @Test func gcpSecretManager() async throws {
        let google = try await VaultServer("gcp_secret_manager.py")
        try Self.roundTrip(
            Vault(
                address: "gcp-secret-manager://project",
                options: [
                    "auth=service-account", "endpoint=http://127.0.0.1:\(google.port)",
                    "token-uri=http://127.0.0.1:\(google.port)/token",
                ],
                credential: "env:ACCOUNT", environment: ["ACCOUNT": google.announcement["account"] ?? ""]))
    }

    @Test func hashiCorpVaultWithTheCredentialInAScope() async throws {
        let vault = try await VaultServer("vault_double.py")
        try Self.roundTrip(
            Vault(
                address: "vault://127.0.0.1:\(vault.port)/secret/app", options: ["tls=false"], credential: "env:TOKEN",
                environment: ["TOKEN": "root"]))
        let home = try Home.withPayments()
        try #require(
            try home.hush("secrets", "put-secret", "payments", "vault-token", input: .text("root")).status == 0)
        let outcome = try home.hush(
            "push", "payments", "--to", "vault://127.0.0.1:\(vault.port)/secret/other", "--option", "tls=false",
            "--credential", "{{secrets/payments/vault-token}}", "--only", "api-key")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.hasPrefix("+ api-key\nCopied 1 secret to Vault vault://"), "\(outcome)")
    }

    @Test func directory() throws {
        let folder = try TestFolder()
        try Self.roundTrip(Vault(address: "file://\(folder.path)", isBinary: true))
    }

    @Test func program() throws {
        let program = try Self.program(refusing: nil)
        try Self.roundTrip(Vault(address: "exec://\(program.path)", options: ["args='\(program.folder.path)'"]))
    }

    /// A program that keeps values in files of a folder, and refuses one name.
    private static func program(refusing name: String?) throws -> (path: String, folder: TestFolder) {
        let folder = try TestFolder()
        let path = try folder.write(
            """
            #!\(try PythonProgram.interpreter()) -I
            import base64, json, os, sys
            folder = os.path.join(sys.argv[1], "values")
            os.makedirs(folder, exist_ok=True)
            request = json.loads(sys.stdin.readline())
            answer = {"version": 1, "ok": True}
            name = request.get("name")
            path = os.path.join(folder, name) if name else None
            if request["op"] == "list":
                answer["entries"] = [{"name": name} for name in sorted(os.listdir(folder))]
            elif request["op"] == "get":
                if os.path.exists(path):
                    answer["value_b64"] = base64.b64encode(open(path, "rb").read()).decode()
                else:
                    answer = {"version": 1, "ok": False, "code": "not_found"}
            elif os.path.exists(os.path.join(sys.argv[1], "refuse-" + name)):
                answer = {"version": 1, "ok": False, "code": "denied"}
            else:
                open(path, "wb").write(base64.b64decode(request["value_b64"]))
            print(json.dumps(answer))

            """, to: "helper")
        chmod(path, 0o755)
        try waitUntilNobodyWrites(to: path)
        if let name { try folder.write("", to: "refuse-\(name)") }
        return (path, folder)
    }

    @Test func namesThatDifferInCaseOnlyAreNamedFirst() throws {
        let folder = try TestFolder()
        try folder.write("one", to: "values/Db")
        try folder.write("two", to: "values/db")
        try folder.write("three", to: "values/other")
        let home = try Home()
        let address = "file://\(folder.path("values"))"
        let refused = try home.hush("import", "--from", address, "app")
        #expect(refused.status == 1 && refused.errors.contains("names differ in case only: db. "), "\(refused)")
        #expect(!(try home.succeed("secrets", "list-scopes").contains("app")))
        let chosen = try home.hush("import", "--from", address, "app", "--only", "Db", "--only", "other")
        #expect(chosen.status == 0, "\(chosen)")
        #expect(try home.succeed("secrets", "get-secret", "app", "db", "--raw") == "one")
    }

    /// What cannot be a name there is named before anything is read.
    @Test func namesThatTheVaultHasNotAreNamedFirst() throws {
        let home = try Home.withPayments()
        try home.succeed("secrets", "put-secret", "payments", "a@b", input: .text("tok_5f2a"))
        let arguments = [
            "push", "payments", "--to", "gcp-secret-manager://project", "--option", "auth=service-account",
            "--credential", "env:ACCOUNT",
        ]
        let refused = try home.process(arguments, ["ACCOUNT": "{}"]).run()
        #expect(refused.status == 1 && refused.errors.contains("  a@b cannot stand there: "), "\(refused)")
        #expect(!refused.errors.contains("api-key"))
        let reads = try home.succeed("audit", "events", "--action", "getSecret", "-o", "json")
        #expect(!reads.contains("getSecret"))
    }

    @Test func targetThatRefusesTheTenthOfTwentyIsNamedAndFinishedLater() throws {
        let (path, folder) = try Self.program(refusing: "k10")
        let home = try Home()
        let object = (1...20).map { "\"k\(String(format: "%02d", $0))\": \"tok_value_\($0)\"" }.joined(separator: ",")
        let outcome = try home.hush("import", "--from", "-", "app", input: .text("{\(object)}"))
        try #require(outcome.status == 0, "\(outcome)")
        let vault = Vault(address: "exec://\(path)", options: ["args='\(folder.path)'"])
        let refused = try Self.call(home, vault, ["push", "app", "--to", vault.address])
        #expect(refused.status == 1)
        let names = { (range: ClosedRange<Int>) in
            range.map { "k" + String(format: "%02d", $0) }.joined(separator: ", ")
        }
        #expect(
            refused.errors == """
                Error: k10 was not written to program exec://\(path): The program exec://\(path) does not let the credential \
                write key k10 (the program says: denied). Grant it that there.
                Written (9): \(names(1...9)).
                Not tried (10): \(names(11...20)).
                Do it again when that is mended: what is written already is left alone.

                """)
        #expect(refused.output.split(separator: "\n").count == 9)
        try FileManager.default.removeItem(atPath: folder.path("refuse-k10"))
        let finished = try Self.call(home, vault, ["push", "app", "--to", vault.address])
        #expect(finished.status == 0, "\(finished)")
        #expect(finished.output.hasSuffix("Copied 11 secrets to program exec://\(path); 9 were there already.\n"))
        #expect(try folder.bytes(of: "values/k10") == Array("tok_value_10".utf8))
        // Nobody else's values are replaced.
        try home.succeed("secrets", "put-secret", "app", "k03", input: .text("tok_other_3"))
        let differs = try Self.call(home, vault, ["push", "app", "--to", vault.address])
        #expect(differs.status == 1 && differs.errors.contains("  k03 is there already with another value.\n"))
    }

    /// Several are on their way at a time; all of them are accounted for.
    @Test func serverThatRefusesOneOfManyIsAccountedFor() throws {
        let remote = try RemoteHome(.withPayments())
        let home = try Home()
        // One byte too many for a value, in the middle of the others.
        let object = (1...60).map { number in
            let name = "k" + String(format: "%02d", number)
            return "\"\(name)\": \"\(number == 30 ? String(repeating: "x", count: 131_073) : "tok_value_\(number)")\""
        }
        let file = try home.folder.write("{\(object.joined(separator: ","))}", to: "many.json")
        let environment = ["HUSH_HOST": remote.server.url, "HUSH_TOKEN": remote.token]
        let refused = try home.process(["import", "--from", file, "many"], environment).run()
        #expect(refused.status == 1 && refused.errors.hasPrefix("Error: k30 was not written to scope many: "))
        let written = try #require(refused.errors.firstMatch(of: /Written \((\d+)\):/).flatMap { Int($0.1) })
        let left = refused.errors.firstMatch(of: /Not tried \((\d+)\):/).flatMap { Int($0.1) } ?? 0
        #expect(written + left + 1 == 60 && written >= 29, "\(refused)")
        #expect(refused.output.split(separator: "\n").count <= written)
        let rest = (1...60).filter { $0 != 30 }.flatMap { ["--only", "k" + String(format: "%02d", $0)] }
        let finished = try home.process(["import", "--from", file, "many"] + rest, environment).run()
        #expect(finished.status == 0, "\(finished)")
        let count = 59 - written == 1 ? "1 secret" : "\(59 - written) secrets"
        #expect(finished.output.hasSuffix("Copied \(count) to scope many; \(written) were there already.\n"))
    }

    @Test func anotherWorkspacesScopeComesWithItsPermissions() throws {
        let remote = try RemoteHome(.withPayments())
        try remote.home.succeed("secrets", "put-secret", "payments", "binary", input: .text("v\u{0}\n\"é"))
        let home = try Home()
        try home.succeed("groups", "create", "analysts")
        let options = [
            "--option", "endpoint=\(remote.server.url)", "--credential", "env:REMOTE_TOKEN",
        ]
        let address = "databricks://workspace.example.com/payments"
        let environment = ["REMOTE_TOKEN": remote.token]
        let dry = try home.process(["import", "--from", address, "mine", "--acl", "--dry-run"] + options, environment)
            .run()
        #expect(
            dry.output == """
                + api-key
                + binary
                + READ for analysts
                + MANAGE for root@example.com
                Would copy 2 secrets to scope mine.

                """, "\(dry)")
        #expect(!(try home.succeed("secrets", "list-scopes").contains("mine")))
        let outcome = try home.process(["import", "--from", address, "mine", "--acl"] + options, environment).run()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try home.succeed("secrets", "get-secret", "mine", "binary", "--raw") == "v\u{0}\n\"é")
        #expect(try home.succeed("secrets", "get-acl", "mine", "analysts").contains("READ"))
        // Both records know.
        let theirs = try remote.home.succeed("audit", "events", "--action", "getSecret", "-o", "json")
        #expect(theirs.split(separator: "\n").filter { $0.contains("getSecret") }.count == 2)
        // And back into a scope that is made there.
        let pushed = try home.process(
            ["push", "mine", "--to", "databricks://workspace.example.com/copy", "--acl"] + options, environment
        ).run()
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try remote.home.succeed("secrets", "get-secret", "copy", "binary", "--raw") == "v\u{0}\n\"é")
        #expect(try remote.home.succeed("secrets", "get-acl", "copy", "analysts").contains("READ"))
        // A principal that is not there is named; the values are there all the same.
        try home.succeed("users", "create", "carl@example.com")
        try home.succeed("secrets", "put-acl", "mine", "carl@example.com", "READ")
        let unknown = try home.process(
            ["push", "mine", "--to", "databricks://workspace.example.com/copy2", "--acl"] + options, environment
        ).run()
        #expect(unknown.status == 1 && unknown.errors.contains("READ for carl@example.com"), "\(unknown)")
        #expect(try remote.home.succeed("secrets", "list-secrets", "copy2").contains("binary"))
    }

    @Test func aProfileNamesTheOtherWorkspace() throws {
        let remote = try RemoteHome(.withPayments())
        let home = try Home()
        let profiles = home.folder.path(".databrickscfg")
        try Data("[theirs]\nhost = \(remote.server.url)\ntoken = \(remote.token)\n".utf8)
            .write(to: URL(fileURLWithPath: profiles))
        chmod(profiles, 0o600)
        let outcome = try home.hush("import", "--from-profile", "theirs", "payments")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw") == "tok_live_5f2a")
        let renamed = try home.hush("push", "payments", "--to-profile", "theirs", "--to", "copy", "--prefix", "x-")
        #expect(renamed.status == 0, "\(renamed)")
        #expect(try remote.home.succeed("secrets", "get-secret", "copy", "x-api-key", "--raw") == "tok_live_5f2a")
    }

    /// The server is asked for the scope alone; the vault is reached from here.
    @Test func withAServerTheVaultIsReachedFromHere() throws {
        let remote = try RemoteHome(.withPayments())
        let folder = try TestFolder()
        let outcome = try remote.hush("push", "payments", "--to", "file://\(folder.path)")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try folder.bytes(of: "api-key") == Array("tok_live_5f2a".utf8))
        let imported = try remote.hush("import", "--from", "file://\(folder.path)", "copy")
        #expect(imported.status == 0, "\(imported)")
        #expect(try remote.home.succeed("secrets", "get-secret", "copy", "api-key", "--raw") == "tok_live_5f2a")
    }

    /// Settings for links hold for scopes that are linked, and still do.
    @Test func whatMayBeReachedHereMayNotBeLinkedForThat() throws {
        let home = try Home.withPayments()
        let folder = try TestFolder()
        #expect(try home.hush("push", "payments", "--to", "file://\(folder.path)").status == 0)
        let linked = try home.hush("scopes", "link", "files", "file://\(folder.path)")
        #expect(linked.status == 1 && linked.errors.contains("links.directories"), "\(linked)")
    }

    @Test func insideARunNothingIsMoved() throws {
        let home = try Home.withPayments()
        let outcome = try home.hush("exec", "--", HushProcess.executable, "push", "payments", "--to", "-")
        #expect(outcome.status == 1 && !outcome.output.contains("tok_live"), "\(outcome)")
        #expect(outcome.errors.contains("outside the run"), "\(outcome)")
    }
}
