internal import SecretScopes

/// Finds groups that would come to hold themselves through other groups, in one file or in several.
struct GroupCycleSearch {
    private let groups: [PrincipalName: GroupManifest]
    private var finished: Set<PrincipalName> = []
    private var problems: [ManifestProblem] = []

    static func problems(in manifest: Manifest) -> [ManifestProblem] {
        var search = GroupCycleSearch(manifest)
        for group in manifest.groups { search.visit(group.name.value, path: []) }
        return search.problems
    }

    private init(_ manifest: Manifest) {
        groups = Dictionary(manifest.groups.map { ($0.name.value, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private mutating func visit(_ name: PrincipalName, path: [PrincipalName]) {
        guard let group = groups[name], !finished.contains(name) else { return }
        let path = path + [name]
        // A group that holds itself directly is found with the duplicates.
        for member in group.members where member.value != name {
            guard let start = path.firstIndex(of: member.value) else {
                visit(member.value, path: path)
                continue
            }
            let circle = (path[start...] + [member.value]).map(\.rawValue).joined(separator: " > ")
            problems.append(
                ManifestProblem(
                    "the group \"\(member.value)\" would hold itself: \(circle). Remove one of these members.",
                    at: member.position))
        }
        finished.insert(name)
    }
}
