import SecretCrypto
import SecretMemory
import SecretScopes

@testable import ExternalVaults

/// What vaults are made with in tests.
enum VaultFixture {
    static let pool = SecretPool()

    /// A context in which this machine's servers may be linked.
    static func context(
        policy: LinkPolicy = LinkPolicy(hosts: ["127.0.0.1", "localhost"]), environment: [String: String] = [:],
        clock: any WallClock = SystemWallClock(), steadyClock: any SteadyClock = SystemSteadyClock()
    ) -> VaultContext {
        let random = SystemRandomSource()
        return VaultContext(
            transport: VaultTransport(policy: policy, environment: environment, pool: pool, random: random),
            pool: pool, clock: clock, steadyClock: steadyClock, random: random, environment: environment, policy: policy
        )
    }

    /// A call with a credential that is `text`.
    static func call(_ text: String? = nil, revision: String = "1", within patience: Duration = .seconds(60))
        -> VaultCall
    {
        guard let text else {
            return VaultCall(deadline: .now + patience, credential: VaultCredential(revision: revision, fetch: nil))
        }
        let secret = secret(text)
        return VaultCall(deadline: .now + patience, credential: VaultCredential(revision: revision) { secret })
    }

    static func secret(_ text: String) -> SecretBytes {
        SecretBytes(copying: Array(text.utf8).span.bytes, in: pool)
    }

    static func text(_ secret: SecretBytes) -> String {
        secret.withBytes { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }
}
