/// One use of a linked scope, decided: the caller may, and the link's owner may still lend what it lends.
final class LinkedUse: Sendable {
    let scope: ScopeEntry
    let link: ScopeLink
    /// The secret that holds the link's credential, if one does.
    let credential: SecretRow?
    /// When the caller's token ends; `nil` when it does not, or there is none.
    let callerEnd: Timestamp?

    /// What is to be decided.
    final class Request: Sendable {
        let caller: Caller
        let operation: Operation
        let permission: Permission
        let scope: ScopeName
        /// The event, as far as it is known without looking anything up.
        let event: AuditEvent

        init(caller: Caller, operation: Operation, permission: Permission, scope: ScopeName, key: SecretName?) {
            self.caller = caller
            self.operation = operation
            self.permission = permission
            self.scope = scope
            self.event = AuditEvent(
                operation, by: caller, subject: .init(scope: scope.rawValue, key: key?.rawValue))
        }
    }

    private init(scope: ScopeEntry, link: ScopeLink, credential: SecretRow?, callerEnd: Timestamp?) {
        self.scope = scope
        self.link = link
        self.credential = credential
        self.callerEnd = callerEnd
    }

    /// Decides.
    ///
    /// - Returns: `nil` when the scope is a native one.
    /// - Throws: The refusal. The event has then what is known of caller and scope.
    static func decide(
        _ request: Request, in view: some WorkspaceLookup, at now: Timestamp, noting event: inout AuditEvent
    ) throws -> LinkedUse? {
        let principal = try view.principal(request.caller.principal)
        event.actor.name = principal?.row.name ?? ""
        let token = try request.caller.credential.flatMap { try view.credential($0) }
        let authority = try Decision.authority(
            of: request.caller,
            principal: principal,
            holder: try request.caller.holder.flatMap { try view.principal($0) },
            credential: token,
            for: request.operation,
            at: now
        )
        guard let scope = try view.scope(request.scope) else {
            throw ScopeError(.resourceDoesNotExist, "Scope \(request.scope) does not exist!")
        }
        event.subject.scope = scope.name.rawValue
        event.subject.scopeID = scope.row.id
        try Decision.require(request.permission, of: authority, on: scope)
        guard let link = scope.link else { return nil }
        return LinkedUse(
            scope: scope, link: link, credential: try credential(of: link, on: scope, in: view),
            callerEnd: token?.expires)
    }

    /// The secret that holds the link's credential, provided that the link's owner may still read it; likewise that the
    /// owner may lend what the machine has.
    private static func credential(
        of link: ScopeLink, on scope: ScopeEntry, in view: some WorkspaceLookup
    ) throws -> SecretRow? {
        func stopped(_ reason: String) -> ScopeError {
            ScopeError(
                .permissionDenied,
                "The link of scope \(scope.name) stopped: \(reason). Ask an administrator to link the scope anew.")
        }
        guard let owner = try view.principal(link.owner), owner.row.isActive else {
            throw stopped("its owner is gone or not active")
        }
        guard !link.usesMachine || owner.isAdministrator else {
            throw stopped(
                "its owner, \(owner.row.name), is no administrator any more, whose links alone act for this machine")
        }
        guard case .secret(let scopeName, let key) = link.credential else { return nil }
        guard let place = try view.scope(scopeName), place.link == nil, let secret = try view.secret(key, in: place)
        else {
            throw stopped("its credential, \(scopeName)/\(key), is gone")
        }
        guard let permission = Decision.permission(of: owner, on: place), permission >= .read else {
            throw stopped("its owner, \(owner.row.name), may not read its credential any more")
        }
        return secret.row
    }

    /// What the audit record says of the link that was used.
    var parameters: [AuditEvent.Parameter] {
        var parameters = [AuditEvent.Parameter(name: "vault", value: link.kind.name)]
        let credential: String =
            switch link.credential {
            case .secret(let scope, let key):
                "\(scope)/\(key)" + (self.credential.map { " v\($0.versionNumber)" } ?? "")
            case .variable, .file: link.credential?.description ?? ""
            case nil: link.usesMachine ? "machine" : "none"
            }
        parameters.append(.init(name: "link_credential", value: credential))
        return parameters
    }

    /// Whether the caller's token ended since it was decided.
    func isOver(at now: Timestamp) -> Bool {
        callerEnd.map { $0 <= now } ?? false
    }

    /// Whether both are uses of the same link with the same credential.
    func isSame(as other: LinkedUse) -> Bool {
        scope.row.code == other.scope.row.code && credential?.currentVersion == other.credential?.currentVersion
    }
}
