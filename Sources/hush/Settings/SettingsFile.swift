import Configuration
import Glibc
import SecretMemory
import Yams

/// The file that settings for commands and servers stand in: YAML, a section with one line for each setting.
///
/// ```yaml
/// server:
///   listen: 0.0.0.0:443
///   rate-limit: 100
/// ```
struct SettingsFile: Sendable {
    /// The file's path.
    let path: String
    /// What it says.
    let values: YAMLSnapshot

    private static let largest = 64 * 1024

    /// The settings' file of a workspace.
    static func path(in folder: String) -> String { folder + "/config.yaml" }

    /// Reads a file; `nil` when there is none.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read, or says something that is no setting.
    static func read(_ path: String) throws -> SettingsFile? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw CommandFailure("The settings in \(path) cannot be read (\(String(cString: strerror(errno)))).")
        }
        defer { close(descriptor) }
        var content = SecretBuffer(in: SecretPool())
        let isComplete: Bool
        do {
            isComplete = try content.appendAll(from: descriptor, limit: largest)
        } catch {
            throw CommandFailure(
                "The settings in \(path) cannot be read (\(String(cString: strerror(error.number)))).")
        }
        guard isComplete else { throw CommandFailure("The settings in \(path) have more than \(largest) bytes.") }
        return try content.finish().withBytes { try SettingsFile(path: path, content: $0) }
    }

    /// Reads settings; `path` is what messages call them.
    init(path: String, content: RawSpan) throws {
        self.path = path
        let text = content.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else { throw CommandFailure("The settings in \(path) are not valid UTF-8.") }
        do {
            let root = try Yams.compose(yaml: text)
            try Self.check(root, path)
            // A file of comments alone sets nothing.
            let empty = Array("{}".utf8)
            self.values = try YAMLSnapshot(
                data: root == nil ? empty.span.bytes : content, providerName: path, parsingOptions: .default)
        } catch let error as YamlError {
            throw CommandFailure("The settings in \(path) are not YAML\(Self.place(of: error)).")
        }
    }

    /// Throws unless everything in the file is a setting.
    private static func check(_ root: Node?, _ path: String) throws {
        guard let root else { return }
        guard let sections = root.mapping else { throw CommandFailure("The settings in \(path) have no sections.") }
        let known = Set(Setting.allCases.map(\.section))
        for (name, section) in sections {
            guard let title = name.string, known.contains(title) else {
                throw unknown(name, in: nil, path, known.sorted())
            }
            guard let settings = section.mapping else {
                throw CommandFailure("In \(path)\(line(of: section)), \(title) must hold settings.")
            }
            let names = Setting.all(in: title)
            for (name, _) in settings where !names.contains(name.string ?? "") {
                throw unknown(name, in: title, path, names)
            }
        }
    }

    private static func unknown(
        _ name: Node, in section: String?, _ path: String, _ known: [String]
    ) -> CommandFailure {
        let title = (section.map { $0 + "." } ?? "") + TextOutput.printable(name.string ?? "(no text)")
        return CommandFailure(
            "In \(path)\(line(of: name)), \(title) is no setting. Use one of: \(known.joined(separator: ", ")).")
    }

    private static func line(of node: Node) -> String {
        node.mark.map { ", line \($0.line)" } ?? ""
    }

    private static func place(of error: YamlError) -> String {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            " (line \(mark.line))"
        default: ""
        }
    }
}
