import SecretCrypto
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// Links to AWS' services on a server of this machine.
enum AWSFixture {
    static let keyID = "AKIAIOSFODNN7EXAMPLE"
    static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    /// Zeroes where two bytes are wanted, so that pauses before repetitions are none.
    struct Hurry: RandomSource {
        func fill(_ target: UnsafeMutableRawBufferPointer) {
            if target.count == 2 {
                target.initializeMemory(as: UInt8.self, repeating: 0)
            } else {
                SystemRandomSource().fill(target)
            }
        }
    }

    /// Makes the vault of a link whose credential is ``secret``, or that acts as the machine when `options` say so.
    static func vault(
        _ definition: any VaultDefinition.Type, _ address: String, port: Int, _ options: [String: String] = [:],
        context: VaultContext = VaultFixture.context()
    ) throws -> any Vault {
        var options = options
        options["endpoint"] = options["endpoint"] ?? "http://127.0.0.1:\(port)"
        if options["auth"] == nil { options["access-key-id"] = keyID }
        let link = LinkConfiguration(kind: definition.kind, address: try #require(LinkURL(address)), values: options)
        _ = try definition.shape(link.address, link)
        return try definition.vault(link, context)
    }

    static func secretsManager(
        _ port: Int, _ options: [String: String] = [:], context: VaultContext = VaultFixture.context()
    ) throws -> any Vault {
        try vault(
            SecretsManagerDefinition.self, "aws-secrets-manager://eu-west-1/app/", port: port, options, context: context
        )
    }

    static func parameterStore(
        _ port: Int, _ options: [String: String] = [:], context: VaultContext = VaultFixture.context()
    ) throws -> any Vault {
        try vault(
            ParameterStoreDefinition.self, "aws-parameter-store://eu-west-1/app", port: port, options, context: context)
    }

    /// A call with the key's secret part.
    static func call(within patience: Duration = .seconds(20)) -> VaultCall {
        VaultFixture.call(secret, within: patience)
    }

    /// What `work` throws.
    static func failure(_ work: () async throws -> Void) async -> VaultFailure? {
        do {
            try await work()
            return nil
        } catch {
            return error as? VaultFailure
        }
    }
}
