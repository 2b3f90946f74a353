/// What a principal may do with a scope; each permission includes the ones before it.
public enum Permission: UInt8, Sendable, Hashable, Comparable, CaseIterable, CustomStringConvertible {
    /// Read values and list secrets.
    case read = 1
    /// Also put and delete secrets.
    case write = 2
    /// Also read and change the ACL and delete the scope.
    case manage = 3

    /// Creates a permission from its name on the wire; the case of its ASCII letters does not matter.
    public init?(named name: String) {
        // Upper case turns the dotless ı into an I.
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        guard let match = Self.allCases.first(where: { $0.description == name.uppercased() }) else { return nil }
        self = match
    }

    /// The name on the wire: `READ`, `WRITE` or `MANAGE`.
    public var description: String {
        switch self {
        case .read: "READ"
        case .write: "WRITE"
        case .manage: "MANAGE"
        }
    }

    /// Orders permissions by what they include.
    public static func < (left: Permission, right: Permission) -> Bool {
        left.rawValue < right.rawValue
    }
}
