public import SecretMemory

/// Wraps a workspace's root key, which is kept only wrapped: under a key in a file, a passphrase, a cloud's key.
public protocol KeyProvider: Sendable {
    /// The kind of provider, as stored beside the wrapped key and shown by `hush status`.
    static var kind: String { get }

    /// Wraps a new root key for a workspace.
    ///
    /// - Throws: ``KeyProviderError``.
    func wrap(_ rootKey: SecretBytes, for workspace: WorkspaceID) async throws -> WrappedRootKey

    /// Unwraps the root key of a workspace.
    ///
    /// - Throws: ``KeyProviderError``.
    func unwrap(_ wrapped: WrappedRootKey, for workspace: WorkspaceID, in pool: SecretPool) async throws -> SecretBytes

    /// Takes back what ``wrap(_:for:)`` left outside the store, because the workspace could not be made.
    func discard(for workspace: WorkspaceID) async
}

extension KeyProvider {
    /// Does nothing: most providers leave nothing outside the store.
    public func discard(for workspace: WorkspaceID) async {}
}

/// A root key as it is stored.
public struct WrappedRootKey: Sendable, Hashable {
    /// The kind of provider that wrapped it.
    public var provider: String
    /// What the provider needs to unwrap it, in a form of its own; nothing secret.
    public var parameters: [UInt8]
    /// The wrapped key.
    public var sealed: [UInt8]

    /// Creates a wrapped key.
    public init(provider: String, parameters: [UInt8], sealed: [UInt8]) {
        self.provider = provider
        self.parameters = parameters
        self.sealed = sealed
    }
}

/// Why a root key could not be wrapped or unwrapped; the message says what to do.
public struct KeyProviderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed and what to do.
    public var message: String

    /// Creates an error.
    public init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
