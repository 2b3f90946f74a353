import Foundation
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The ways in which a link to a Key Vault authenticates.
@Suite(.timeLimit(.minutes(2))) struct AzureIdentityTests {
    private func read(
        _ double: AzureDouble, _ options: [String: String], environment: [String: String] = [:],
        _ call: VaultCall = VaultFixture.call()
    ) async throws -> String {
        VaultFixture.text(
            try await double.vault(options, environment: environment).get("db-password", call).value)
    }

    @Test func aCertificateSigns() async throws {
        let double = try await AzureDouble.shared.value
        let call = VaultFixture.call(double["certificate"])
        #expect(try await read(double, ["auth": "client-certificate"], call) == "hunter3")
    }

    @Test(arguments: ["", "no PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
    func whatIsNoCertificateIsSaidToBeNone(text: String) async throws {
        let double = try await AzureDouble.shared.value
        let call = VaultFixture.call(text)
        #expect(
            await reason { _ = try await read(double, ["auth": "client-certificate"], call) } == .credentialUnreadable)
    }

    @Test func aProjectedTokenIsReadAnewForEachToken() async throws {
        let double = try await AzureDouble.shared.value
        let file = MemoryFile(double["federated"] + "1\n")
        let vault = try double.vault(["auth": "workload-identity", "token-file": file.path])
        _ = try await vault.get("db-password", VaultFixture.call())
        file.replace(with: "not of the issuer")
        #expect(
            await reason { _ = try await vault.get("db-password", VaultFixture.call(revision: "2")) }
                == .credentialRejected)
        file.replace(with: double["federated"] + "2")
        _ = try await vault.get("db-password", VaultFixture.call(revision: "3"))
    }

    @Test func aProjectedTokenThatIsGoneIsNamed() async throws {
        let double = try await AzureDouble.shared.value
        do {
            _ = try await read(double, ["auth": "workload-identity", "token-file": "/nonexistent/token"])
            Issue.record("it was read")
        } catch let failure as VaultFailure {
            #expect(failure.reason == .credentialUnreadable)
            #expect(failure.detail == "/nonexistent/token cannot be read: open: No such file or directory")
        }
    }

    @Test func theMetadataServiceGivesTokens() async throws {
        let double = try await AzureDouble.shared.value
        let environment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": double.machine]
        let managed = ["auth": "managed-identity", "client-id": ""]
        #expect(try await read(double, managed, environment: environment) == "hunter3")
        // It answers with 410 while it is being updated.
        let updated = managed.merging(["client-id": "00000000-0000-0000-0000-000000000004"]) { $1 }
        #expect(try await read(double, updated, environment: environment) == "hunter3")
        let absent = managed.merging(["client-id": "00000000-0000-0000-0000-000000000000"]) { $1 }
        #expect(await reason { _ = try await read(double, absent, environment: environment) } == .credentialRejected)
    }

    @Test func aMachineWithoutAnIdentityIsSaidToHaveNone() async throws {
        let double = try await AzureDouble.shared.value
        let environment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1"]
        #expect(
            await reason { _ = try await read(double, ["auth": "managed-identity"], environment: environment) }
                == .unreachable)
    }

    @Test func appServiceGivesTokens() async throws {
        let double = try await AzureDouble.shared.value
        var environment = ["IDENTITY_ENDPOINT": double.machine + "/msi/token", "IDENTITY_HEADER": "header of the app"]
        #expect(try await read(double, ["auth": "managed-identity"], environment: environment) == "hunter3")
        environment["IDENTITY_HEADER"] = "another"
        #expect(
            await reason { _ = try await read(double, ["auth": "managed-identity"], environment: environment) }
                == .credentialRejected)
        environment["IDENTITY_SERVER_THUMBPRINT"] = "AB"
        #expect(throws: LinkProblem.self) {
            _ = try double.vault(["auth": "managed-identity"], environment: environment)
        }
    }

    @Test func arcGivesTokensToWhoCanReadItsFile() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "arc-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let double = try await AzureDouble(arcDirectory: directory.path)
        let context = VaultFixture.context(
            environment: ["IDENTITY_ENDPOINT": double.machine + "/arc/token", "IMDS_ENDPOINT": double.machine])
        let endpoint = VaultEndpoint(context.transport, random: context.random, rateLimit: nil)
        func ask(_ values: [String: String], in place: String) async throws {
            let link = LinkConfiguration(
                kind: .azureKeyVault, address: try #require(LinkURL("https://kv1.vault.azure.net")), values: values)
            let identity = try ManagedIdentity(link, context, arcTokens: place)
            _ = try await identity.token(
                scope: "https://vault.azure.net/.default", endpoint: endpoint, context, VaultFixture.call())
        }
        try await ask([:], in: directory.path)
        // An agent that does not know of several identities gives the token of its own.
        try await ask(["client-id": "00000000-0000-0000-0000-000000000001"], in: directory.path)
        #expect(
            await reason { try await ask(["client-id": "00000000-0000-0000-0000-000000000003"], in: directory.path) }
                == .credentialRejected)
        #expect(
            await reason { try await ask(["client-id": "00000000-0000-0000-0000-000000000002"], in: directory.path) }
                == .untrusted)
        #expect(await reason { try await ask([:], in: "/var/opt/azcmagent/tokens") } == .untrusted)
    }

    @Test func autoTakesTheEnvironmentThenTheWorkloadThenTheMachine() async throws {
        let double = try await AzureDouble.shared.value
        let auto = ["auth": "auto", "tenant-id": "", "client-id": ""]
        let token = MemoryFile(double["federated"])
        let certificate = MemoryFile(double["certificate"])
        let ids = ["AZURE_TENANT_ID": double["tenant"], "AZURE_CLIENT_ID": AzureDouble.Application.normal.id]
        // Each works alone, and those that follow do not matter although they do not work.
        let secret = ids.merging([
            "AZURE_CLIENT_SECRET": double["secret"], "AZURE_CLIENT_CERTIFICATE_PATH": "/nonexistent",
        ]) { $1 }
        #expect(try await read(double, auto, environment: secret) == "hunter3")
        let signed = ids.merging([
            "AZURE_CLIENT_CERTIFICATE_PATH": certificate.path, "AZURE_FEDERATED_TOKEN_FILE": "/nonexistent",
        ]) { $1 }
        #expect(try await read(double, auto, environment: signed) == "hunter3")
        let federated = ids.merging(["AZURE_FEDERATED_TOKEN_FILE": token.path]) { $1 }
        #expect(try await read(double, auto, environment: federated) == "hunter3")
        #expect(
            try await read(double, auto, environment: ["AZURE_POD_IDENTITY_AUTHORITY_HOST": double.machine])
                == "hunter3")
    }

    @Test(arguments: [
        (AzureDouble.Application.issuerThrottlesOnce, VaultFailure.Reason?.none), (.issuerDown, .unreachable),
        (.secretExpired, .credentialRejected), (.issuerNotJSON, .notUnderstood), (.issuerRedirects, .untrusted),
    ])
    func whatTheIssuerDoesIsTold(application: AzureDouble.Application, expected: VaultFailure.Reason?) async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault(application: application)
        #expect(await reason { _ = try await vault.get("db-password", double.call()) } == expected)
    }

    @Test func theIssuersReasonIsToldInOurWords() async throws {
        let double = try await AzureDouble.shared.value
        do {
            _ = try await read(double, [:], VaultFixture.call("wrong"))
            Issue.record("it was read")
        } catch let failure as VaultFailure {
            #expect(failure.detail == "the client secret is not the application's (AADSTS7000215)")
        }
    }
}
