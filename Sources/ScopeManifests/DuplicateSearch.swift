internal import SecretScopes

/// Finds what is described twice, in one file or in several, with names compared as the workspace compares them.
struct DuplicateSearch {
    private var problems: [ManifestProblem] = []

    static func problems(in manifest: Manifest) -> [ManifestProblem] {
        var search = DuplicateSearch()
        search.checkPrincipals(of: manifest)
        search.check(manifest.scopes.map(\.name)) { "the scope \"\($0)\"" }
        for group in manifest.groups {
            search.check(group.members) { "\"\($0)\" as a member of \"\(group.name.value)\"" }
            for member in group.members where member.value == group.name.value {
                search.problems.append(
                    ManifestProblem("the group \"\(member.value)\" cannot hold itself.", at: member.position))
            }
        }
        for scope in manifest.scopes {
            search.check(scope.acl.map(\.principal)) { "\"\($0)\" in the ACL of \"\(scope.name.value)\"" }
            search.check(scope.secrets.map(\.name)) { "the secret \"\($0)\" of \"\(scope.name.value)\"" }
        }
        return search.problems
    }

    private mutating func check<Name>(_ names: [Located<Name>], _ what: (Name) -> String)
    where Name: CaseInsensitiveName {
        var first: [Name: SourcePosition] = [:]
        for name in names {
            if let earlier = first[name.value] {
                note(what(name.value), at: name.position, earlier: earlier)
            } else {
                first[name.value] = name.position
            }
        }
    }

    /// Users and groups share one namespace. Service principals have one for themselves: their names are for people.
    private mutating func checkPrincipals(of manifest: Manifest) {
        check(manifest.servicePrincipals) { "the service principal \"\($0)\"" }
        let users = manifest.users.map { (kind: PrincipalKind.user, name: $0) }
        let groups = manifest.groups.map { (kind: PrincipalKind.group, name: $0.name) }
        var first: [PrincipalName: SourcePosition] = [:]
        for (kind, name) in (users + groups).sorted(by: { $0.name.position < $1.name.position }) {
            if kind == .user, name.value == .users || name.value == .administrators {
                problems.append(
                    ManifestProblem("\"\(name.value)\" is the name of a group.", at: name.position))
            } else if let earlier = first[name.value] {
                note("the \(kind) \"\(name.value)\"", at: name.position, earlier: earlier)
            } else {
                first[name.value] = name.position
            }
        }
    }

    private mutating func note(_ what: String, at position: SourcePosition, earlier: SourcePosition) {
        problems.append(
            ManifestProblem("\(what) stands here again; it is already at \(earlier). Remove one.", at: position))
    }
}
