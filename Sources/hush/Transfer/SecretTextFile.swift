import ArgumentParser
import Glibc
import Runs
import SecretMemory
import Synchronization

/// The forms of a text that holds secrets by name.
enum SecretTextFormat: String, CaseIterable, ExpressibleByArgument {
    /// `NAME=VALUE` lines, as they are common under the name `.env`.
    case env
    /// One JSON object with texts.
    case json

    /// The form that a file's name tells; `nil` when it tells none.
    init?(file path: String) {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if name.hasSuffix(".json") {
            self = .json
        } else if name == ".env" || name.hasPrefix(".env.") || name.hasSuffix(".env") {
            self = .env
        } else {
            return nil
        }
    }

    /// Reads the secrets of a text.
    func secrets(in text: SecretBytes, pool: SecretPool) throws(SecretTextProblem) -> [NamedSecret] {
        switch self {
        case .env: try DotenvReader.secrets(in: text, pool: pool)
        case .json: try JSONSecrets.secrets(in: text, pool: pool)
        }
    }

    /// Writes secrets; for each of them its name, which ``problem(with:)`` let pass.
    func text(of secrets: [NamedSecret], pool: SecretPool) throws(SecretTextProblem) -> SecretBytes {
        switch self {
        case .env: try DotenvWriter.text(of: secrets, pool: pool)
        case .json: try JSONSecrets.text(of: secrets, pool: pool)
        }
    }

    /// Why a secret cannot have that name in such a text; `nil` when it can.
    func problem(with name: String) -> String? {
        guard self == .env, !EnvironmentFile.isName(name) else { return nil }
        return "is no name of a variable: use letters, digits and _. Add --case upper --words underscores, or --rename"
    }
}

/// A secret in a text.
struct NamedSecret {
    var name: String
    var value: SecretBytes
}

/// What is wrong in a text with secrets. It never quotes the text.
struct SecretTextProblem: Error {
    /// The line, from 1; `nil` when it is about a text that is to be written.
    var line: Int?
    /// The column in it, from 1, in bytes.
    var column: Int?
    /// What is wrong.
    var reason: String
}

/// A file, or standard input, that secrets are read from.
struct SecretTextSource: TransferSource {
    private static let largestFile = 64 * 1024 * 1024

    let title: String
    let mostCalls = 16
    private let secrets: [NamedSecret]

    /// Reads all of it.
    ///
    /// - Parameter path: The file; `-` is standard input.
    /// - Throws: ``CommandFailure`` when it cannot be read, with line and column where it is not understood.
    init(path: String, format: SecretTextFormat, in program: Program) throws {
        title = path == "-" ? "standard input" : path
        let text = try Self.read(path, title, in: program)
        do {
            secrets = try format.secrets(in: text, pool: program.pool)
        } catch {
            let place = [error.line, error.column].compactMap { $0.map { ":\($0)" } }.joined()
            throw CommandFailure("\(title)\(place): \(error.reason).")
        }
    }

    func names() -> [String] { secrets.map(\.name) }

    func value(of name: String) throws -> SecretBytes {
        guard let secret = secrets.first(where: { $0.name == name }) else {
            throw CommandFailure("\(title) has no secret \(name).")
        }
        return secret.value
    }

    private static func read(_ path: String, _ title: String, in program: Program) throws -> SecretBytes {
        var descriptor = program.input ?? -1
        if path != "-" { descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else {
            throw CommandFailure(
                "\(title) cannot be read (\(path == "-" ? "closed" : String(cString: strerror(errno)))).")
        }
        defer { if path != "-" { close(descriptor) } }
        var contents = SecretBuffer(in: program.pool)
        let isComplete: Bool
        do throws(SystemCallError) {
            isComplete = try contents.appendAll(from: descriptor, limit: largestFile)
        } catch {
            throw CommandFailure("\(title) cannot be read (\(String(cString: strerror(error.number)))).")
        }
        guard isComplete else { throw CommandFailure("\(title) is larger than \(largestFile) bytes.") }
        return contents.finish()
    }
}

/// A new file, or standard output, that secrets are written to, all at once.
final class SecretTextTarget: TransferTarget {
    let title: String
    let isCaseSensitive = true
    let writesAtOnce = true
    let mostCalls = 16
    private let file: PrivateFile?
    private let format: SecretTextFormat
    private let program: Program
    private let secrets = Mutex<[NamedSecret]>([])

    /// - Parameters:
    ///   - path: The file; `-` is standard output.
    ///   - replaces: Whether it takes the place of a file that is there.
    init(path: String, format: SecretTextFormat, replaces: Bool, in program: Program) {
        title = path == "-" ? "standard output" : path
        file = path == "-" ? nil : PrivateFile(path: path, replaces: replaces)
        self.format = format
        self.program = program
    }

    func check() throws {
        try file?.check()
    }

    func problem(with name: String) -> String? {
        format.problem(with: name)
    }

    /// What is there is replaced as a whole, or not at all.
    func existingNames() -> [String]? { [] }

    func existingValue(of name: String) -> SecretBytes? { nil }

    /// Also writes the one secret to nowhere, so that what cannot be written is found with its name.
    func put(_ value: SecretBytes, as name: String) throws {
        let secret = NamedSecret(name: name, value: value)
        do {
            _ = try format.text(of: [secret], pool: program.pool)
        } catch {
            throw CommandFailure("\(error.reason).")
        }
        secrets.withLock { $0.append(secret) }
    }

    func finish() throws {
        let text: SecretBytes
        do {
            text = try secrets.withLock { secrets throws(SecretTextProblem) in
                // In an order that does not change from one time to the next.
                try format.text(of: secrets.sorted { $0.name < $1.name }, pool: program.pool)
            }
        } catch {
            throw CommandFailure("\(title) cannot be written: \(error.reason).")
        }
        guard let file else { return try program.output.write(text) }
        try text.withBytes { bytes in try bytes.withUnsafeBytes { try file.write($0) } }
    }
}
