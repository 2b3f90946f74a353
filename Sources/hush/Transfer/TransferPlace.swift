import SecretMemory
import SecretScopes

/// Where secrets are moved from.
protocol TransferSource: Sendable {
    /// What messages call it, such as `scope payments`.
    var title: String { get }
    /// How many values may be read at a time.
    var mostCalls: Int { get }

    /// The names that are there.
    func names() async throws -> [String]
    /// A value.
    func value(of name: String) async throws -> SecretBytes
}

/// Where secrets are moved to.
protocol TransferTarget: Sendable {
    /// What messages call it, such as `scope payments`.
    var title: String { get }
    /// Whether names that differ in case only are different ones.
    var isCaseSensitive: Bool { get }
    /// How many values may be read and written at a time.
    var mostCalls: Int { get }
    /// Whether everything is written at the end, or nothing.
    var writesAtOnce: Bool { get }

    /// Checks what can be checked before anything is read.
    func check() throws
    /// Why there can be no secret of that name; `nil` when there can.
    func problem(with name: String) throws -> String?
    /// The names that are there; `nil` when the place does not tell.
    func existingNames() async throws -> [String]?
    /// The value that is there; `nil` when there is none.
    func existingValue(of name: String) async throws -> SecretBytes?
    /// The most secrets that there can be; `nil` when that is not known.
    func mostSecrets() async throws -> Int?
    /// Gets ready for values.
    func prepare() async throws
    /// Stores a value.
    func put(_ value: SecretBytes, as name: String) async throws
    /// Stores what was put, where all of it is stored at once.
    func finish() throws
}

/// A place that knows who may do what there.
protocol TransferPermissions: Sendable {
    /// What was granted, by principal.
    func grants() async throws -> [ACLItem]
    /// Grants a permission, replacing what was granted before.
    func grant(_ item: ACLItem) async throws
}

extension TransferTarget {
    var isCaseSensitive: Bool { false }
    var writesAtOnce: Bool { false }
    func check() throws {}
    func mostSecrets() async throws -> Int? { nil }
    func prepare() async throws {}
    func finish() throws {}
}
