/// The versions of secrets, on behalf of one caller. Databricks keeps none; the newest ten are kept here.
///
/// Every call leaves one audit event, granted or refused. Every method throws ``ScopeError``.
public protocol SecretVersionService: Sendable {
    /// The versions of a secret that are kept, newest first, without their values. Needs READ.
    func versions(scope: String, key: String) async throws -> [SecretVersion]
    /// Reads the value that a secret had in one of its versions. Needs READ.
    func getSecret(scope: String, key: String, version: Int64) async throws -> Secret
    /// Makes the value of an earlier version the current one again, as a new version. Needs WRITE.
    ///
    /// - Returns: The new version's number.
    func restoreSecret(scope: String, key: String, version: Int64) async throws -> Int64
}

/// One version of a secret without its value.
public struct SecretVersion: Sendable, Hashable {
    /// The number, from 1.
    public var number: Int64
    /// When it was put.
    public var created: Timestamp
    /// Whether it is the one that is read.
    public var isCurrent: Bool

    /// Creates the description of a version.
    public init(number: Int64, created: Timestamp, isCurrent: Bool) {
        self.number = number
        self.created = created
        self.isCurrent = isCurrent
    }
}
