import Foundation

/// What other programs are given: a text and values as files, in memory where that can be had.
struct RedactionFolder {
    let path: String

    var text: String { path + "/text" }
    /// The values, one a line.
    var values: String { path + "/values" }

    /// Lends the folder for the duration of `body`.
    static func with<Result>(
        _ input: RedactionCase, _ body: (RedactionFolder) async throws -> Result
    ) async throws -> Result {
        let folder = try RedactionFolder(input)
        defer { folder.remove() }
        return try await body(folder)
    }

    init(_ input: RedactionCase) throws {
        let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        path = "\(root)/hush-bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(input.text).write(to: URL(fileURLWithPath: text))
        try Data(input.values.joined(separator: [0x0A])).write(to: URL(fileURLWithPath: values))
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
