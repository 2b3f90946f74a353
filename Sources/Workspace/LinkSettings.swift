internal import ExternalVaults
internal import Glibc
internal import SecretMemory
public import SecretScopes
internal import Synchronization

/// What links to external vaults may reach on this machine. A link makes the workspace act for somebody, who must not get
/// at more by it.
public struct LinkSettings: Sendable, Hashable {
    /// The programs that links may run, by their absolute paths.
    public var programs: [String]
    /// The directories that links may read, with everything below them.
    public var directories: [String]
    /// The hosts that may be linked: `NAME`, `NAME:PORT`, an address, or `*.SUFFIX`. When there are none, all may be but this
    /// machine, metadata services and addresses of the link alone.
    public var hosts: [String]

    /// Creates settings; without arguments nothing of the machine may be linked.
    public init(programs: [String] = [], directories: [String] = [], hosts: [String] = []) {
        self.programs = programs
        self.directories = directories
        self.hosts = hosts
    }
}

extension LinkSettings {
    /// The form in which a link's address is stored, whatever links may reach here.
    ///
    /// - Throws: `ScopeError` with `INVALID_PARAMETER_VALUE` when address, options and credential make no link.
    public static func storedAddress(
        of address: String, options: [String: String], credential: String?
    ) throws(ScopeError) -> String {
        try ExternalVaults.storedAddress(of: address, options: options, credential: credential)
    }
}

/// External vaults that are set up when a linked scope is used for the first time: most commands use none.
final class LazyVaults: LinkedVaults {
    private let make: @Sendable () throws(ScopeError) -> ExternalVaults
    private let made = Mutex<ExternalVaults?>(nil)

    /// - Parameter settings: What links may reach; asked once.
    init(pool: SecretPool, settings: @escaping @Sendable () throws -> LinkSettings) {
        self.make = { () throws(ScopeError) in
            let known: LinkSettings
            do {
                known = try settings()
            } catch {
                throw ScopeError(.invalidState, "The settings for links cannot be used: \(error)")
            }
            let policy = LinkPolicy(
                programs: Set(known.programs), directories: known.directories, hosts: known.hosts)
            return ExternalVaults(policy: policy, environment: Self.environment, pool: pool)
        }
    }

    private var vaults: ExternalVaults {
        get throws(ScopeError) {
            try made.withLock { made throws(ScopeError) in
                if let made { return made }
                let new = try make()
                made = new
                return new
            }
        }
    }

    /// The process's variables.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let mark = text.firstIndex(of: "=") {
                variables[String(text[..<mark])] = String(text[text.index(after: mark)...])
            }
            next = next.advanced(by: 1)
        }
        return variables
    }

    func validate(_ request: LinkScopeRequest) throws(ScopeError) -> ValidatedLink {
        try vaults.validate(request)
    }

    func read(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) -> LinkedSecret {
        try await vaults.read(key, through: access)
    }

    func list(through access: LinkAccess) async throws(ScopeError) -> [LinkedEntry] {
        try await vaults.list(through: access)
    }

    func put(
        _ value: SecretBytes, as key: SecretName, through access: LinkAccess
    ) async throws(ScopeError) -> String? {
        try await vaults.put(value, as: key, through: access)
    }

    func delete(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) {
        try await vaults.delete(key, through: access)
    }

    func check(through access: LinkAccess) async -> [LinkCheckStep] {
        do throws(ScopeError) {
            return try await vaults.check(through: access)
        } catch {
            return [LinkCheckStep(name: "settings", detail: error.message, succeeded: false)]
        }
    }

    func forget(_ scope: ScopeID) {
        made.withLock { $0 }?.forget(scope)
    }

    var figures: VaultFigures { made.withLock { $0 }?.figures ?? VaultFigures() }
}
