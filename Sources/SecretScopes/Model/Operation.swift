/// Everything a caller can ask for. The raw values stand in stored events and credentials and never change.
public enum Operation: UInt8, Sendable, Hashable, CaseIterable {
    case createScope = 1
    case deleteScope = 2
    case listScopes = 3
    case putSecret = 4
    case deleteSecret = 5
    case listSecrets = 6
    case getSecret = 7
    case putACL = 8
    case deleteACL = 9
    case getACL = 10
    case listACLs = 11
    case listVersions = 12
    case restoreVersion = 13
    case setScopeRedaction = 14
    case linkScope = 15

    case currentPrincipal = 16
    case createPrincipal = 17
    case deletePrincipal = 18
    case listPrincipals = 19
    case getGroup = 20
    case addGroupMember = 21
    case removeGroupMember = 22
    case queryAccess = 23
    case activatePrincipal = 24
    case deactivatePrincipal = 25
    case getPrincipal = 26
    case renamePrincipal = 27

    case createToken = 32
    case revokeToken = 33
    case listTokens = 34
    case authenticate = 35
    case issueAccessToken = 36
    case createClientSecret = 37
    case listClientSecrets = 38
    case deleteClientSecret = 39

    case queryEvents = 40
    case queryReaders = 41
    case verifyAudit = 42
    case createCheckpoint = 43
    case createWorkspace = 44
    case createBackup = 45
    case restoreBackup = 46
    case changeRootKeyWrapping = 47
    case unknownCall = 48
    case updateToken = 49
    case applyChanges = 50

    case unlinkScope = 56
    case getScopeLink = 57
    case checkScopeLink = 58
    case compareSecrets = 59

    /// The service that the operation belongs to, as the audit record names it.
    public var serviceName: String {
        switch rawValue {
        case 1...15, 56...59: "secrets"
        case 16...31: "accounts"
        case 32...36, 49: "tokens"
        case 37...39: "servicePrincipals"
        case 44...55: "workspace"
        default: "audit"
        }
    }

    /// The operation's name in the audit record. Those of `secrets` are Databricks' own.
    public var actionName: String {
        switch self {
        case .createScope: "createScope"
        case .deleteScope: "deleteScope"
        case .listScopes: "listScopes"
        case .putSecret: "putSecret"
        case .deleteSecret: "deleteSecret"
        case .listSecrets: "listSecrets"
        case .getSecret: "getSecret"
        case .putACL: "putAcl"
        case .deleteACL: "deleteAcl"
        case .getACL: "getAcl"
        case .listACLs: "listAcls"
        case .listVersions: "listSecretVersions"
        case .restoreVersion: "restoreSecretVersion"
        case .setScopeRedaction: "setScopeRedaction"
        case .linkScope: "linkScope"
        case .unlinkScope: "unlinkScope"
        case .getScopeLink: "getScopeLink"
        case .checkScopeLink: "checkScopeLink"
        case .compareSecrets: "compareSecrets"
        case .currentPrincipal: "getCurrentPrincipal"
        case .createPrincipal: "createPrincipal"
        case .deletePrincipal: "deletePrincipal"
        case .listPrincipals: "listPrincipals"
        case .getGroup: "getGroup"
        case .addGroupMember: "addPrincipalToGroup"
        case .removeGroupMember: "removePrincipalFromGroup"
        case .queryAccess: "queryAccess"
        case .activatePrincipal: "activatePrincipal"
        case .deactivatePrincipal: "deactivatePrincipal"
        case .getPrincipal: "getPrincipal"
        case .renamePrincipal: "renamePrincipal"
        case .createToken: "createToken"
        case .revokeToken: "revokeToken"
        case .listTokens: "listTokens"
        case .authenticate: "authenticate"
        case .issueAccessToken: "issueAccessToken"
        case .createClientSecret: "createClientSecret"
        case .listClientSecrets: "listClientSecrets"
        case .deleteClientSecret: "deleteClientSecret"
        case .queryEvents: "queryEvents"
        case .queryReaders: "queryReaders"
        case .verifyAudit: "verifyAudit"
        case .createCheckpoint: "createCheckpoint"
        case .createWorkspace: "createWorkspace"
        case .createBackup: "createBackup"
        case .restoreBackup: "restoreBackup"
        case .changeRootKeyWrapping: "changeRootKeyWrapping"
        case .unknownCall: "unknownCall"
        case .updateToken: "updateToken"
        case .applyChanges: "applyChanges"
        }
    }

    /// Whether who does it learns values, so that "who read it" must answer with it.
    var showsValues: Bool {
        self == .getSecret || self == .compareSecrets
    }

    /// Whether it takes something away, and so must be possible when the disk is full.
    var isRemoval: Bool {
        switch self {
        case .deleteScope, .deleteSecret, .deleteACL, .deletePrincipal, .removeGroupMember, .deactivatePrincipal,
            .revokeToken, .deleteClientSecret, .unlinkScope:
            true
        default: false
        }
    }

    /// Finds an operation by its name in the audit record; the case does not matter.
    public init?(actionName: String) {
        let wanted = actionName.lowercased()
        guard let match = Self.allCases.first(where: { $0.actionName.lowercased() == wanted }) else { return nil }
        self = match
    }
}

/// The operations that a credential allows.
public struct OperationSet: Hashable, Sendable, RawRepresentable {
    /// One bit per ``Operation``, at the position of its raw value.
    public let rawValue: UInt64

    /// Creates a set from its bits.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Creates a set of `operations`.
    public init(_ operations: some Sequence<Operation>) {
        self.init(rawValue: operations.reduce(0) { $0 | 1 << UInt64($1.rawValue) })
    }

    /// Whatever the principal may do, with what later versions add: a credential that is stored may be older than they.
    public static let all = OperationSet(rawValue: .max)
    /// What a run's token allows: reading, and asking who one is.
    public static let readingInRun = OperationSet([.getSecret, .listSecrets, .listScopes, .currentPrincipal])
    /// What a run's token allows when the run was started with `--allow-write`.
    public static let writingInRun = readingInRun.union(OperationSet([.putSecret, .deleteSecret]))

    /// Whether `operation` is allowed.
    public func contains(_ operation: Operation) -> Bool {
        rawValue & 1 << UInt64(operation.rawValue) != 0
    }

    /// Whether every operation of this set is also in `other`.
    public func isSubset(of other: OperationSet) -> Bool {
        rawValue & ~other.rawValue == 0
    }

    /// The operations of both sets.
    public func union(_ other: OperationSet) -> OperationSet {
        OperationSet(rawValue: rawValue | other.rawValue)
    }
}
