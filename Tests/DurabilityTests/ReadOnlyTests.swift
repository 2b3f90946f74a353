import DurabilityHistory
import Foundation
import SecretMemory
import SecretScopes
import Testing
import Workspace

/// Real files with real modes, and a process that is not root.
@Suite("Files and folders that may not be written")
struct ReadOnlyTests {
    /// The user that nobody is.
    private static let nobody: UInt32 = 65534

    struct Mode: Sendable, CustomTestStringConvertible {
        /// The file's name; empty for the folder.
        var file: String
        var mode: mode_t
        var testDescription: String { file.isEmpty ? "the folder" : file }
    }

    @Test(arguments: [
        Mode(file: "", mode: 0o500),
        Mode(file: "/hush.db", mode: 0o400),
        Mode(file: "/hush.db-wal", mode: 0o400),
        Mode(file: "/hush.next.lock", mode: 0o400),
        Mode(file: "/hush.db", mode: 0),
    ])
    func giveNoValueAndAClearError(_ mode: Mode) async throws {
        let store = try await SharedStore()
        let pool = SecretPool()
        // Kept open, so that there is a log.
        let workspace = try await Workspace.open(
            store.folder, keyProvider: KeyFileProvider(path: store.keyFile, pool: pool), pool: pool)
        let value = SecretBytes(copying: Array("old".utf8).span.bytes, in: pool)
        try await workspace.secrets().putSecret(
            PutSecretRequest(scope: SharedWorkspace.scope, key: SharedWorkspace.keys[0], stringValue: value))
        for path in try FileManager.default.subpathsOfDirectory(atPath: store.root.path) + [""] where geteuid() == 0 {
            #expect(chown(store.root.path + "/" + path, Self.nobody, Self.nobody) == 0)
        }
        func answers() throws -> String {
            try WorkerProcess.output(of: ["once", store.folder, store.keyFile, "\(Self.nobody)"])
        }
        #expect(try answers() == "put\nnew\n")
        #expect(chmod(store.folder + mode.file, mode.mode) == 0)
        if mode.file.isEmpty {
            // Without the files that are made when the store is opened.
            for file in ["hush.next.lock", "hush.current.lock"] { #expect(unlink(store.folder + "/" + file) == 0) }
        }
        let refused = try answers()
        #expect(!refused.contains("put\n") && !refused.contains("new"), "\(refused)")
        #expect(refused.contains("Check the folder's owner and mode"), "\(refused)")
        #expect(chmod(store.folder + mode.file, mode.file.isEmpty ? 0o700 : 0o600) == 0)
        #expect(try answers() == "put\nnew\n")
        withExtendedLifetime(workspace) {}
    }
}
