import Foundation
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The ways in which a link to Secret Manager authenticates.
@Suite(.timeLimit(.minutes(2))) struct GoogleIdentityTests {
    private func read(_ vault: any Vault, _ call: VaultCall = VaultFixture.call()) async throws -> String {
        VaultFixture.text(try await vault.get("db", call).value)
    }

    @Test func aPersonsTokenIsRefreshed() async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault(["auth": "authorized-user"])
        #expect(try await read(vault, VaultFixture.call(double["user"])) == "hunter2")
        let stranger = double["user"].replacing("1\\/\\/refresh", with: "other").replacing("1//refresh", with: "other")
        #expect(
            await reason { _ = try await read(vault, VaultFixture.call(stranger, revision: "2")) }
                == .credentialRejected)
    }

    @Test func aServiceAccountIsActedAs() async throws {
        let double = try await GoogleDouble()
        #expect(try await read(double.vault(["impersonate": double["lent"]]), double.call()) == "hunter2")
        #expect(try await double.counts()["loans"] == 1)
        #expect(
            await reason {
                _ = try await read(
                    double.vault(["impersonate": "other@project.iam.gserviceaccount.com"]), double.call())
            } == .credentialRejected)
        let source = try JSONSerialization.jsonObject(with: Data(double["account"].utf8))
        let lent = try GoogleDouble.json([
            "type": "impersonated_service_account", "source_credentials": source,
            "service_account_impersonation_url": double.lending, "delegates": [],
        ])
        #expect(try await read(double.vault(["auth": "impersonation"]), VaultFixture.call(lent)) == "hunter2")
    }

    @Test func anExternalAccountReadsAFileThatMayBeRead() async throws {
        let double = try await GoogleDouble.shared.value
        let directory = try TemporaryDirectory()
        let path = directory.path + "/token"
        try double["subject"].write(toFile: path, atomically: true, encoding: .utf8)
        let plain = try double.externalAccount(["file": path])
        let options = ["auth": "external-account"]
        let listed = LinkPolicy(directories: [directory.path], hosts: ["127.0.0.1"])
        #expect(try await read(double.vault(options, policy: listed), VaultFixture.call(plain)) == "hunter2")
        // A link's credential may be written by others than those who set up the machine.
        #expect(await reason { _ = try await read(double.vault(options), VaultFixture.call(plain)) } == .untrusted)
        try GoogleDouble.json(["token": double["subject"]]).write(toFile: path, atomically: true, encoding: .utf8)
        let format = ["type": "json", "subject_token_field_name": "token"]
        let structured = try double.externalAccount(
            ["file": path, "format": format],
            [
                "service_account_impersonation_url": double.lending,
                "service_account_impersonation": ["token_lifetime_seconds": 900],
            ])
        #expect(try await read(double.vault(options, policy: listed), VaultFixture.call(structured)) == "hunter2")
    }

    @Test func anExternalAccountAsksAServer() async throws {
        let double = try await GoogleDouble.shared.value
        let account = try double.externalAccount([
            "url": double.base + "/subject?audience=a", "headers": ["X-Wanted": "yes"],
            "format": ["type": "json", "subject_token_field_name": "value"],
        ])
        #expect(
            try await read(double.vault(["auth": "external-account"]), VaultFixture.call(account)) == "hunter2")
        for url in ["https://elsewhere.example/token", "http://169.254.169.254/metadata/identity"] {
            let other = try double.externalAccount(["url": url])
            #expect(
                await reason {
                    _ = try await read(double.vault(["auth": "external-account"]), VaultFixture.call(other))
                } == .untrusted)
        }
    }

    @Test func anExternalAccountRunsAProgramOnlyWhereThatIsAllowed() async throws {
        let double = try await GoogleDouble.shared.value
        let directory = try TemporaryDirectory()
        let path = directory.path + "/program"
        let answer = try GoogleDouble.json([
            "version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:jwt",
            "id_token": double["subject"],
        ])
        let script = """
            #!/bin/sh
            [ "$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" = '\(double["pool"])' ] || exit 1
            [ "$GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE$1" = '0an argument' ] || exit 2
            echo '\(answer)'
            """
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let account = try double.externalAccount(["executable": ["command": path + " 'an argument'"]])
        let allowed = ["GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1", "PATH": "/usr/bin:/bin"]
        let options = ["auth": "external-account"]
        let listed = LinkPolicy(programs: [path], hosts: ["127.0.0.1"])
        let call = VaultFixture.call(account)
        #expect(try await read(double.vault(options, environment: allowed, policy: listed), call) == "hunter2")
        #expect(await reason { _ = try await read(double.vault(options, policy: listed), call) } == .untrusted)
        #expect(await reason { _ = try await read(double.vault(options, environment: allowed), call) } == .untrusted)
    }

    @Test func anExternalAccountProvesTheMachinesRoleAtAWS() async throws {
        let double = try await GoogleDouble.shared.value
        let account = try double.externalAccount(
            [
                "environment_id": "aws1",
                "regional_cred_verification_url":
                    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
            ], ["subject_token_type": "urn:ietf:params:aws:token-type:aws4_request"])
        let file = MemoryFile(account)
        let environment = [
            "GOOGLE_APPLICATION_CREDENTIALS": file.path, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "AWS_SESSION_TOKEN": "a\"session\\token",
        ]
        #expect(try await read(double.vault(["auth": "adc"], environment: environment)) == "hunter2")
        // Only whoever set up the machine may say so.
        let vault = try double.vault(["auth": "external-account"], environment: environment)
        #expect(await reason { _ = try await read(vault, VaultFixture.call(account)) } == .untrusted)
    }

    @Test func theMetadataServiceMustSayThatItIsIt() async throws {
        let double = try await GoogleDouble.shared.value
        let options = ["auth": "metadata"]
        func environment(_ port: String) -> [String: String] { ["GCE_METADATA_HOST": "127.0.0.1:\(port)"] }
        #expect(try await read(double.vault(options, environment: environment(double["port"]))) == "hunter2")
        #expect(
            await reason { _ = try await read(double.vault(options, environment: environment(double["impostor"]))) }
                == .untrusted)
        #expect(
            await reason { _ = try await read(double.vault(options, environment: environment("1"))) } == .unreachable)
    }

    @Test func defaultCredentialsAreFoundInTheOrderOfGooglesTools() async throws {
        let double = try await GoogleDouble()
        let folder = try TemporaryDirectory()
        try double["user"].write(
            toFile: folder.path + "/application_default_credentials.json", atomically: true, encoding: .utf8)
        let file = MemoryFile(double["account"])
        let auto = ["auth": ""]
        var environment = [
            "GOOGLE_APPLICATION_CREDENTIALS": file.path, "CLOUDSDK_CONFIG": folder.path, "HOME": "/nonexistent",
            "GCE_METADATA_HOST": "127.0.0.1:\(double.server.port)",
        ]
        #expect(try await read(double.vault(auto, environment: environment)) == "hunter2")
        #expect(try await double.counts()["token requests"] == 1)
        file.replace(with: "{}")
        #expect(
            await reason { _ = try await read(double.vault(auto, environment: environment)) } == .credentialUnreadable)
        environment["GOOGLE_APPLICATION_CREDENTIALS"] = ""
        #expect(try await read(double.vault(auto, environment: environment)) == "hunter2")
        #expect(try await double.counts()["token requests"] == 2)
        environment["CLOUDSDK_CONFIG"] = ""
        #expect(try await read(double.vault(auto, environment: environment)) == "hunter2")
        #expect(try await double.counts()["token requests"] == 2)
        environment["NO_GCE_CHECK"] = "true"
        #expect(
            await reason { _ = try await read(double.vault(auto, environment: environment)) } == .credentialUnreadable)
    }

    /// In a universe of its own a service account's signature is the token.
    @Test func anotherUniverseTakesTheSignatureItself() async throws {
        let double = try await GoogleDouble()
        let vault = try double.vault(["universe": "universe.example"])
        let account = try double.account(["universe_domain": "universe.example"])
        #expect(try await read(vault, VaultFixture.call(account)) == "hunter2")
        #expect(try await double.counts()["token requests"] == nil)
        #expect(
            await reason { _ = try await read(vault, VaultFixture.call(double["account"], revision: "2")) }
                == .untrusted)
    }

    @Test func credentialsGoOnlyToAddressesOfGoogle() async throws {
        let double = try await GoogleDouble()
        let options = ["token-uri": ""]
        for address in [
            "https://evil.example/token", "http://oauth2.googleapis.com/token",
            "https://oauth2.googleapis.com.evil.example/",
            "https://evilgoogleapis.com/token", "https://oauth2.googleapis.com:8443/token", "token",
        ] {
            let account = try double.account(["token_uri": address])
            #expect(
                await reason { _ = try await read(double.vault(options), VaultFixture.call(account)) } == .untrusted,
                "\(address)")
        }
        let external = ["auth": "external-account"]
        for field in ["token_url", "service_account_impersonation_url"] {
            let account = try double.externalAccount(["file": "/nonexistent"], [field: "https://evil.example/v1/token"])
            #expect(
                await reason { _ = try await read(double.vault(external), VaultFixture.call(account)) } == .untrusted,
                "\(field)")
        }
        #expect(try await double.counts()["token requests"] == nil)
    }

    @Test(arguments: [
        "", "no JSON", "[]", "{}", #"{"type":"service_account"}"#, #"{"type":"authorized_user"}"#,
        #"{"type":"service_account","client_email":"a","private_key":"no PEM"}"#,
    ])
    func whatIsNoCredentialIsSaidToBeNone(text: String) async throws {
        let double = try await GoogleDouble.shared.value
        #expect(await reason { _ = try await read(double.vault(), VaultFixture.call(text)) } == .credentialUnreadable)
    }

    @Test func aKeyThatGoogleDoesNotKnowIsRejected() async throws {
        let double = try await GoogleDouble.shared.value
        do {
            _ = try await read(double.vault(), VaultFixture.call(double.account(["private_key_id": "another"])))
            Issue.record("it was read")
        } catch let failure as VaultFailure {
            #expect(failure.reason == .credentialRejected)
            #expect(failure.detail?.hasPrefix("invalid_grant") == true)
        }
    }
}
