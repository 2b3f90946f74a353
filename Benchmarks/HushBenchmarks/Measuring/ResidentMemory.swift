import Foundation
import SecretScopes

/// The memory that a process takes.
enum ResidentMemory {
    /// Opens the workspace in `folder`, makes `count` reads all over its secrets with 64 callers, and returns the most
    /// bytes that this process ever had in memory.
    static func ofReading(_ count: Int, in folder: String) async throws -> Int {
        let store = try await WorkingStore.existing(folder).open()
        let services = try store.services()
        let scopes = try await services.listScopes().map(\.name)
        guard let first = scopes.first else { return try peak() }
        let keys = try await services.listSecrets(scope: first).map(\.key)
        let callers = 64
        try await ConcurrentCallers.run(callers) { caller in
            for number in stride(from: caller, to: count, by: callers) {
                // Steps of the golden ratio reach all of them without an order.
                let secret = Int((UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 16) % (scopes.count * keys.count)
                _ = try await services.getSecret(scope: scopes[secret / keys.count], key: keys[secret % keys.count])
            }
        }
        return try peak()
    }

    /// The bytes that a process has in memory at this moment.
    ///
    /// - Parameter process: Its number, or `self`.
    static func now(of process: String) throws -> Int {
        try bytes("VmRSS", of: process)
    }

    /// The most bytes that this process ever had in memory.
    static func peak() throws -> Int {
        try bytes("VmHWM", of: "self")
    }

    private static func bytes(_ name: String, of process: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return kibibytes * 1024
    }
}
