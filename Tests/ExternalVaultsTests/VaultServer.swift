import Foundation
import SecretCrypto
import SecretMemory
import SecretScopes
import TestPrograms

@testable import ExternalVaults

/// A Python program that stands in for a vault (from `Tests/Doubles`, or moto), with the packages of
/// `Tests/requirements.txt`. It writes one line when it is ready, a JSON object with at least `port`, and ends with its
/// standard input.
final class VaultServer: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// What the program said of itself.
    let announcement: [String: String]
    private let process: ToolProcess

    /// Where the server listens.
    var port: Int { Int(announcement["port"] ?? "") ?? 0 }

    /// Starts a script of `Tests/Doubles`.
    init(_ script: String, _ arguments: [String] = []) async throws {
        let path = Self.tests.appendingPathComponent("Doubles/\(script)").path
        (announcement, process) = try await offPool {
            let process = try ToolProcess(Self.python(), ["-I", path] + arguments)
            var line: [UInt8] = []
            while !line.contains(UInt8(ascii: "\n")) {
                let piece = process.readSome()
                guard !piece.isEmpty else {
                    throw Failed(description: "\(script) ended before it was ready; see above")
                }
                line += piece
            }
            let object = try JSONSerialization.jsonObject(with: Data(line.prefix { $0 != UInt8(ascii: "\n") }))
            let words = (object as? [String: Any] ?? [:]).mapValues { "\($0)" }
            return (words, process)
        }
    }

    deinit {
        process.kill()
    }

    /// Runs a script of `Tests/Doubles` to its end, such as one in which the official client talks to a double.
    static func run(_ script: String, _ arguments: [String]) async throws -> String {
        let path = tests.appendingPathComponent("Doubles/\(script)").path
        return try await offPool {
            let (output, status) = try ToolProcess(python(), ["-I", path] + arguments).finish()
            guard status == 0 else {
                throw Failed(description: "\(script) ended with status \(status >> 8); see above")
            }
            return String(decoding: output, as: UTF8.self)
        }
    }

    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private static func python() throws -> String {
        let path = tests.deletingLastPathComponent().appendingPathComponent(".venv/bin/python3").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failed(
                description: "there is no .venv/bin/python3 with the test packages: run `make test`, which sets it up")
        }
        return path
    }
}

/// What vaults are made with in tests.
enum VaultFixture {
    static let pool = SecretPool()

    /// A context in which this machine's servers may be linked.
    static func context(
        policy: LinkPolicy = LinkPolicy(hosts: ["127.0.0.1", "localhost"]), environment: [String: String] = [:],
        clock: any WallClock = SystemWallClock()
    ) -> VaultContext {
        let random = SystemRandomSource()
        return VaultContext(
            transport: VaultTransport(policy: policy, environment: environment, pool: pool, random: random),
            pool: pool, clock: clock, random: random, environment: environment, policy: policy)
    }

    /// A call with a credential that is `text`.
    static func call(_ text: String? = nil, revision: String = "1", within patience: Duration = .seconds(20))
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
