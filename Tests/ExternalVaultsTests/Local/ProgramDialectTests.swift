import Foundation
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The protocols of other people's programs (section 10.2's table).
@Suite struct ProgramDialectTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
    }

    private func vault(_ dialect: String, _ text: String, options: [String: String] = [:]) throws -> any Vault {
        let path = try directory.write("#!/bin/sh\ncd \(directory.path)\n\(text)\n", to: "program", mode: 0o755)
        let address = try #require(LinkURL("exec://\(path)"))
        let link = LinkConfiguration(
            kind: .program, address: address, values: options.merging(["protocol": dialect]) { $1 })
        _ = try ProgramDefinition.shape(address, link)
        let policy = LinkPolicy(programs: [path])
        return try ProgramDefinition.vault(link, VaultFixture.context(policy: policy))
    }

    private func get(_ name: String, from vault: any Vault) async throws(VaultFailure) -> VaultSecret {
        try await vault.get(name, VaultFixture.call())
    }

    private func reason(_ name: String, from vault: any Vault) async -> VaultFailure.Reason? {
        do {
            _ = try await get(name, from: vault)
            return nil
        } catch {
            return error.reason
        }
    }

    // MARK: Docker

    /// Keeps one file for each server, as `docker-credential-pass` does.
    private static let docker = """
        case $1 in
        get) read -r url; file=$(printf %s "$url" | tr / _)
             if [ -f "$file.json" ]; then cat "$file.json"; else echo "credentials not found in native keychain"; exit 1; fi ;;
        store) cat > new; url=$(sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/' new | tr / _); mv new "$url.json" ;;
        erase) read -r url; rm "$(printf %s "$url" | tr / _).json" ;;
        list) echo '{"registry.example.com":"user","b":"x"}' ;;
        esac
        """

    @Test func dockersHelpersAreAskedByURL() async throws {
        let vault = try vault("docker", Self.docker)
        try directory.write(
            "{\"ServerURL\":\"registry.example.com\",\"Username\":\"ann\",\"Secret\":\"p\\\"w\\u00e9\"}",
            to: "registry.example.com.json")
        #expect(VaultFixture.text(try await get("registry.example.com", from: vault).value) == "p\"wé")
        #expect(await reason("missing", from: vault) == .notFound)
        let names = try await vault.list(prefix: "", VaultFixture.call()).map(\.name)
        #expect(names == ["b", "registry.example.com"])
    }

    @Test func dockersHelpersStoreTextAndKeepTheUserName() async throws {
        let vault = try vault("docker", Self.docker)
        _ = try await vault.put(VaultFixture.secret("a\"b\n"), as: "new", VaultFixture.call())
        #expect(
            try directory.text("new.json") == "{\"ServerURL\":\"new\",\"Username\":\"hush\",\"Secret\":\"a\\\"b\\n\"}")
        #expect(VaultFixture.text(try await get("new", from: vault).value) == "a\"b\n")
        try directory.write("{\"ServerURL\":\"old\",\"Username\":\"ann\",\"Secret\":\"x\"}", to: "old.json")
        _ = try await vault.put(VaultFixture.secret("y"), as: "old", VaultFixture.call())
        #expect(try directory.text("old.json") == "{\"ServerURL\":\"old\",\"Username\":\"ann\",\"Secret\":\"y\"}")
        let binary = SecretBytes(copying: ([0xFF] as [UInt8]).span.bytes, in: VaultFixture.pool)
        await #expect(throws: VaultFailure.self) { _ = try await vault.put(binary, as: "b", VaultFixture.call()) }
        try await vault.delete("new", VaultFixture.call())
        #expect(!directory.names.contains("new.json"))
    }

    @Test(
        arguments: [
            ("echo 'credentials not found in native keychain'; exit 1", .notFound),
            ("echo 'other trouble'; exit 1", .unreachable),
            ("echo 'credentials not found in native keychain'", .notUnderstood),
            ("echo '{\"Username\":\"x\"}'", .notUnderstood), ("echo '[]'", .notUnderstood),
        ] as [(String, VaultFailure.Reason)])
    func dockersFailuresHaveTheirConditions(script: String, reason: VaultFailure.Reason) async throws {
        #expect(await self.reason("k", from: try vault("docker", script)) == reason)
    }

    // MARK: AWS

    @Test func awsProcessesGiveTheirObject() async throws {
        let object =
            "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2030-01-01T00:00:00Z\"}"
        let vault = try vault(
            "aws", "[ \"$1 $2\" = '--profile prod' ] && printf '%s' '\(object)'", options: ["args": "--profile"])
        let secret = try await get("prod", from: vault)
        #expect(VaultFixture.text(secret.value) == object)
        #expect(secret.expires == Timestamp(rawValue: 1_893_456_000_000))
        #expect(!vault.capabilities.canPut && !vault.capabilities.canList && !vault.capabilities.canDelete)
    }

    @Test(
        arguments: [
            ("exit 1", .notFound), ("kill -9 $$", .unreachable), ("echo '{}'", .notUnderstood),
            ("echo x", .notUnderstood),
            ("echo '{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\"}'", .notUnderstood),
            ("echo '{\"Version\":1,\"AccessKeyId\":\"a\"}'", .notUnderstood),
        ] as [(String, VaultFailure.Reason)])
    func awsFailuresHaveTheirConditions(script: String, reason: VaultFailure.Reason) async throws {
        #expect(await self.reason("k", from: try vault("aws", script)) == reason)
    }

    // MARK: Google

    @Test func googlesExecutablesAreToldTheAudience() async throws {
        let vault = try vault(
            "google",
            """
            [ "$GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES $GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE" = "1 0" ] || exit 1
            printf '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:id_token","id_token":"for %s","expiration_time":1893456000}' "$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE"
            """)
        let secret = try await get("//iam.googleapis.com/p", from: vault)
        #expect(VaultFixture.text(secret.value) == "for //iam.googleapis.com/p")
        #expect(secret.expires == Timestamp(rawValue: 1_893_456_000_000))
    }

    @Test(
        arguments: [
            (
                "{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:saml2\",\"saml_response\":\"s\"}",
                nil
            ),
            ("{\"version\":1,\"success\":false,\"code\":\"401\",\"message\":\"no\"}", .notFound),
            ("{\"version\":2,\"success\":true}", .notUnderstood),
            ("{\"version\":1,\"success\":true,\"token_type\":\"other\",\"id_token\":\"x\"}", .notUnderstood),
            (
                "{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\"}",
                .notUnderstood
            ),
            ("", .notUnderstood),
        ] as [(String, VaultFailure.Reason?)])
    func googlesAnswersHaveTheirConditions(answer: String, reason: VaultFailure.Reason?) async throws {
        #expect(await self.reason("k", from: try vault("google", "printf '%s' '\(answer)'")) == reason)
    }

    // MARK: git

    private static let git = """
        cat > question
        case $1 in
        get) [ -f store ] && { grep -v '^protocol=\\|^host=' store; echo quit=0; } ; : ;;
        store) cp question store ;;
        erase) rm -f store ;;
        esac
        """

    @Test func gitsHelpersSpeakInLines() async throws {
        let vault = try vault("git", Self.git)
        #expect(await reason("example.com", from: vault) == .notFound)
        #expect(try directory.text("question") == "protocol=https\nhost=example.com\n\n")
        _ = try await vault.put(VaultFixture.secret("p=w d"), as: "http://example.com:8080/a/b", VaultFixture.call())
        #expect(
            try directory.text("store")
                == "protocol=http\nhost=example.com:8080\npath=a/b\nusername=hush\npassword=p=w d\n\n")
        try directory.write(
            "username=ann\npassword=old\npassword=p=w d\npassword_expiry_utc=1893456000\n", to: "store")
        let secret = try await get("example.com", from: vault)
        #expect(VaultFixture.text(secret.value) == "p=w d")
        #expect(secret.expires == Timestamp(rawValue: 1_893_456_000_000))
        _ = try await vault.put(VaultFixture.secret("new"), as: "example.com", VaultFixture.call())
        #expect(try directory.text("store").contains("username=ann\npassword=new\n"))
        try await vault.delete("example.com", VaultFixture.call())
        #expect(await reason("example.com", from: vault) == .notFound)
    }

    @Test(arguments: ["a\nb", "a\0b", "a\rb"])
    func whatIsNotOneLineIsNotStoredByGit(value: String) async throws {
        let vault = try vault("git", Self.git)
        await #expect(throws: VaultFailure.self) {
            _ = try await vault.put(VaultFixture.secret(value), as: "example.com", VaultFixture.call())
        }
        #expect(!directory.names.contains("question"))
    }

    @Test func gitsHelperThatFailsIsUnreachable() async throws {
        #expect(await reason("k", from: try vault("git", "exit 1")) == .unreachable)
    }
}

@Suite struct ShellWordsTests {
    @Test(
        arguments: [
            ("", []), ("  a  b\t", ["a", "b"]), ("'a b' c", ["a b", "c"]), ("a\"b c\"d", ["ab cd"]), ("''", [""]),
            ("a\\ b", ["a b"]), ("\"a\\\"b\\n\"", ["a\"b\\n"]), ("'a\\'", ["a\\"]), ("$HOME `id`", ["$HOME", "`id`"]),
        ] as [(String, [String])])
    func textIsDividedAsAShellDoes(text: String, words: [String]) {
        #expect(ShellWords.split(text) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\", "\"a\\"]) func whatIsLeftOpenIsRefused(text: String) {
        #expect(ShellWords.split(text) == nil)
    }
}
