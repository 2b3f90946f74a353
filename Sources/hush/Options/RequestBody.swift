import DatabricksAPI
import Glibc
import SecretMemory

extension RequestBodyOptions {
    /// The body that `--json` gives; `nil` when it was not given.
    ///
    /// - Throws: ``UsageFailure`` when it is empty, ``CommandFailure`` when its file cannot be read.
    func body(in pool: SecretPool) throws -> SecretBytes? {
        guard let json else { return nil }
        guard !json.isEmpty else { throw UsageFailure("expected inline JSON or @path/to/file, got an empty string") }
        guard json.hasPrefix("@") else { return SecretBytes(copying: Array(json.utf8).span.bytes, in: pool) }
        return try contents(ofFile: String(json.dropFirst()), in: pool)
    }

    private func contents(ofFile path: String, in pool: SecretPool) throws -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure("The file \(path) cannot be read (\(String(cString: strerror(errno)))).")
        }
        defer { close(descriptor) }
        var contents = SecretBuffer(in: pool)
        let isComplete: Bool
        do {
            isComplete = try contents.appendAll(from: descriptor, limit: Endpoint.largestBody)
        } catch {
            throw CommandFailure("The file \(path) cannot be read (\(String(cString: strerror(error.number)))).")
        }
        guard isComplete else {
            throw CommandFailure("The file \(path) is larger than \(Endpoint.largestBody) bytes.")
        }
        return contents.finish()
    }
}
