internal import Glibc
public import SecretCrypto
public import SecretMemory

/// Reads the values that manifests refer to, straight into secret memory.
public struct ValueReader: Sendable {
    /// The most bytes that a secret may have, which is Databricks' limit.
    public static let largestValue = 131_072

    private let pool: SecretPool
    private let environment: @Sendable (String) -> SecretBytes?
    private let random: any RandomSource
    /// Whether values of `prompt` are asked for also where there are some.
    let asksAgain: Bool

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - pool: Where values are kept.
    ///   - random: What generated values are made with.
    ///   - asksAgain: Whether values of `prompt` are asked for also where there are some.
    ///   - environment: Looks up an environment variable; `nil` when it is not set.
    public init(
        pool: SecretPool,
        random: any RandomSource = SystemRandomSource(),
        asksAgain: Bool = false,
        environment: @escaping @Sendable (String) -> SecretBytes?
    ) {
        self.pool = pool
        self.random = random
        self.asksAgain = asksAgain
        self.environment = environment
    }

    /// Creates a reader that looks into the process's own environment.
    ///
    /// - Parameter asksAgain: Whether values of `prompt` are asked for also where there are some.
    public init(pool: SecretPool, asksAgain: Bool = false) {
        self.init(pool: pool, asksAgain: asksAgain) { name in
            guard let value = getenv(name) else { return nil }
            return SecretBytes(copying: RawSpan(_unsafeStart: value, byteCount: strlen(value)), in: pool)
        }
    }

    /// A new value.
    func make(_ wanted: GeneratedValue) -> SecretBytes {
        wanted.make(with: random, in: pool)
    }

    /// The value outside the workspace that `source` refers to.
    ///
    /// - Throws: ``ManifestProblem`` when it is missing, empty, too large or cannot be read. An empty value is taken
    ///   for a mistake; whoever wants one puts it by hand.
    func value(from source: Located<ValueSource>) throws(ManifestProblem) -> SecretBytes {
        let value: SecretBytes
        switch source.value {
        case .environment(let name):
            guard let found = environment(name) else {
                throw ManifestProblem("\(source.value): the variable is not set. Set \(name).", at: source.position)
            }
            value = found
        case .file(let path):
            do throws(FileReadError) {
                value = try contents(of: Self.resolve(path, besides: source.position.file))
            } catch {
                throw ManifestProblem("\(source.value): \(error.reason).", at: source.position)
            }
        case .generated, .prompted, .secret:
            throw ManifestProblem("\(source.value): the value is not outside the workspace.", at: source.position)
        }
        guard value.count > 0 else {
            throw ManifestProblem("\(source.value): the value is empty.", at: source.position)
        }
        guard value.count <= Self.largestValue else {
            throw ManifestProblem(
                "\(source.value): the value is larger than \(Self.largestValue) bytes.", at: source.position)
        }
        return value
    }

    private func contents(of path: String) throws(FileReadError) -> SecretBytes {
        let descriptor = try RegularFile.open(path)
        defer { close(descriptor) }
        var contents = SecretBuffer(in: pool)
        let isComplete: Bool
        do throws(SystemCallError) {
            isComplete = try contents.appendAll(from: descriptor, limit: Self.largestValue)
        } catch {
            throw FileReadError(reason: String(cString: strerror(error.number)))
        }
        guard isComplete else { throw RegularFile.tooLarge(Self.largestValue) }
        return contents.finish()
    }

    /// `path`, as seen from the folder of the manifest `file`.
    private static func resolve(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
