import Foundation

/// A folder that goes with its last reference; in memory where that can be had.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        let memory = "/dev/shm"
        let parent = access(memory, W_OK) == 0 ? memory : FileManager.default.temporaryDirectory.path
        path = parent + "/hush-durability-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The files of a folder, without the shared index, which no power cut leaves, and the lock files.
    static func files(in folder: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            guard !name.hasSuffix("-shm"), !name.hasSuffix(".lock") else { continue }
            files[name] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
        }
        return files
    }

    /// Makes the folder `path` with these files.
    static func make(_ path: String, holding files: [String: [UInt8]]) throws {
        guard mkdir(path, 0o700) == 0 else { throw CocoaError(.fileWriteUnknown) }
        for (name, bytes) in files {
            let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
            defer { close(descriptor) }
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard written == bytes.count else { throw CocoaError(.fileWriteOutOfSpace) }
        }
    }
}
