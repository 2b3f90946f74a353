/// The groups that a principal belongs to, directly or through groups, with the shortest way to each.
struct GroupPaths: Sendable {
    /// For each group the member through which it was found first; the principal itself for its own groups.
    private let members: [PrincipalID: PrincipalID]
    private let principal: PrincipalID

    /// Looks for the groups of `principal`; cycles do no harm.
    ///
    /// - Parameter groups: The groups that directly contain a principal. Of several shortest ways the one is taken whose
    ///   groups come first in it.
    init(of principal: PrincipalID, groups: (PrincipalID) throws -> [PrincipalID]) rethrows {
        var members = [PrincipalID.everybody: principal]
        var level = [principal]
        while !level.isEmpty {
            var next: [PrincipalID] = []
            for member in level {
                for group in try groups(member) where group != principal && members[group] == nil {
                    members[group] = member
                    next.append(group)
                }
            }
            level = next
        }
        self.members = members
        self.principal = principal
    }

    /// Everything that the principal counts as: itself and all its groups.
    var identities: Set<PrincipalID> {
        Set(members.keys).union([principal])
    }

    /// The groups on the way to `group`, which is the last of them; empty for the principal itself.
    func path(to group: PrincipalID) -> [PrincipalID] {
        var path: [PrincipalID] = []
        var current = group
        while current != principal, let member = members[current] {
            path.append(current)
            current = member
        }
        return path.reversed()
    }
}
