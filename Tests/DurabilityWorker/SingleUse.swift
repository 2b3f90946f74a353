import DurabilityHistory
import SecretMemory
import SecretScopes
import Workspace

/// Opens a workspace, puts a value and reads it.
struct SingleUse {
    let folder: String
    let keyFile: String

    /// What was answered, as text; the value itself when it could be read.
    func run() async -> String {
        do {
            let pool = SecretPool()
            let workspace = try await Workspace.open(
                folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
            let services = try workspace.secrets()
            let key = SharedWorkspace.keys[0]
            let value = SecretBytes(copying: Array("new".utf8).span.bytes, in: pool)
            var answers: [String] = []
            do {
                try await services.putSecret(
                    PutSecretRequest(scope: SharedWorkspace.scope, key: key, stringValue: value))
                answers.append("put")
            } catch {
                answers.append("\(error)")
            }
            do {
                let secret = try await services.getSecret(scope: SharedWorkspace.scope, key: key)
                answers.append(
                    secret.value.withBytes { bytes in
                        bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                    })
            } catch {
                answers.append("\(error)")
            }
            return answers.joined(separator: "\n")
        } catch {
            return "\(error)"
        }
    }
}
