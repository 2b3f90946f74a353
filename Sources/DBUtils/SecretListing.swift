/// A secret in a list: its name, never its value.
public struct SecretMetadata: Sendable, Hashable {
    /// The name of the secret in its scope.
    public let key: String

    init(key: String) {
        self.key = key
    }
}

extension SecretMetadata: CustomStringConvertible {
    /// The words that notebooks on Databricks print: `SecretMetadata(key='k')`.
    public var description: String { "SecretMetadata(key='\(key)')" }
}

/// A scope in a list.
public struct SecretScope: Sendable, Hashable {
    /// The name of the scope.
    public let name: String

    init(name: String) {
        self.name = name
    }

    /// The name of the scope.
    public func getName() -> String {
        name
    }
}

extension SecretScope: CustomStringConvertible {
    /// The words that notebooks on Databricks print: `SecretScope(name='s')`.
    public var description: String { "SecretScope(name='\(name)')" }
}
