/// A random 128-bit identifier that is never reused.
///
/// `Subject` only tells the kinds of identifiers apart at compile time.
public struct Identifier<Subject>: Hashable, Sendable {
    /// The number of bytes of an identifier.
    public static var byteCount: Int { 16 }

    private let high: UInt64
    private let low: UInt64

    /// Creates an identifier from two 64-bit halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Creates an identifier from its sixteen bytes; `nil` for any other number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for offset in 0..<8 {
            high = high << 8 | UInt64(bytes[offset])
            low = low << 8 | UInt64(bytes[offset + 8])
        }
        self.init(high: high, low: low)
    }

    /// Creates an identifier from its text form, 32 hexadecimal digits.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        guard
            let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits[16...], as: UTF8.self), radix: 16),
            digits[0] != UInt8(ascii: "+"), digits[16] != UInt8(ascii: "+")
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The sixteen bytes, most significant first.
    public var bytes: [UInt8] {
        withBytes { [UInt8]($0) }
    }

    /// Lends the sixteen bytes for the duration of `body`.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }
}

extension Identifier: CustomStringConvertible {
    /// The 32 hexadecimal digits, lower case.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for (offset, byte) in bytes.enumerated() {
                buffer[2 * offset] = digits[Int(byte >> 4)]
                buffer[2 * offset + 1] = digits[Int(byte & 0x0F)]
            }
            return 32
        }
    }
}

/// The kinds of things that carry an ``Identifier``.
public enum IdentifierSubject {
    /// A workspace.
    public enum Workspace {}
    /// A scope.
    public enum Scope {}
    /// A secret.
    public enum Secret {}
    /// One version of a secret.
    public enum Version {}
    /// A user, group or service principal.
    public enum Principal {}
    /// A token or another credential.
    public enum Credential {}
}

/// Identifies a workspace.
public typealias WorkspaceID = Identifier<IdentifierSubject.Workspace>
/// Identifies a scope.
public typealias ScopeID = Identifier<IdentifierSubject.Scope>
/// Identifies a secret.
public typealias SecretID = Identifier<IdentifierSubject.Secret>
/// Identifies one version of a secret.
public typealias VersionID = Identifier<IdentifierSubject.Version>
/// Identifies a user, group or service principal.
public typealias PrincipalID = Identifier<IdentifierSubject.Principal>
/// Identifies a credential.
public typealias CredentialID = Identifier<IdentifierSubject.Credential>
