import Foundation
import ScopeManifests
import SecretScopes
import Testing
import WorkspaceFixtures

/// Manifests that cannot be applied: everything that is wrong is named with its place, and nothing is changed.
@Suite struct BadManifestTests {
    private struct Folder {
        let workspace: TemporaryWorkspace
        var path: String { workspace.folder + "/manifests" }

        init(_ files: [String: String]) async throws {
            workspace = try await TemporaryWorkspace()
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for (name, text) in files {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
            }
        }

        func plan() async throws -> ManifestPlan {
            let reader = ValueReader(pool: workspace.pool) { [workspace] name in
                switch name {
                case "KEY": workspace.secret("tok_live_5f2a")
                case "EMPTY": workspace.secret("")
                default: nil
                }
            }
            return try await ManifestPlan(
                for: Manifest.load(from: [path]), in: workspace.services(), values: reader,
                canonicalAddress: { $0.address.value })
        }

        func problems() async throws -> [String] {
            let events = try await workspace.services().listScopes().count
            let error = await #expect(throws: ManifestError.self) { try await plan() }
            #expect(try await workspace.services().listScopes().count == events)
            return try #require(error).problems.map { $0.description.replacingOccurrences(of: path, with: "DIR") }
        }
    }

    @Test func manifestsThatDisagreeAreNamedWithBothPlaces() async throws {
        let folder = try await Folder([
            "a.yaml": "groups: {analysts: {members: [ana]}}\nscopes:\n  payments: {acl: {analysts: READ}}\n",
            "b.yaml": "users: [ana, Analysts]\nscopes:\n  PAYMENTS: {acl: {analysts: WRITE}}\n",
            "c.yaml": "users: [Ana]\n",
        ])
        #expect(
            try await folder.problems() == [
                #"DIR/b.yaml:1:14: the user "Analysts" stands here again; it is already at DIR/a.yaml:1:10. Remove one."#,
                #"DIR/b.yaml:3:3: the scope "PAYMENTS" stands here again; it is already at DIR/a.yaml:3:3. Remove one."#,
                #"DIR/c.yaml:1:9: the user "Ana" stands here again; it is already at DIR/b.yaml:1:9. Remove one."#,
            ])
    }

    /// Whatever the order of files and documents, what others refer to is made first.
    @Test(arguments: [["a", "b", "c", "d"], ["d", "c", "b", "a"], ["b", "d", "a", "c"]])
    func principalMadeByAnotherManifestIsFound(names: [String]) async throws {
        let texts = [
            "scopes: {payments: {acl: {outer: READ, robot: WRITE}, secrets: {copy: scope:keys/original}}}",
            "groups: {outer: {members: [inner, robot]}}\n---\nservice_principals: [robot]",
            "groups: {inner: {members: [ana]}}", "users: [ana]\nscopes: {keys: {secrets: {original: env:KEY}}}",
        ]
        let files = Dictionary(uniqueKeysWithValues: zip(names.map { $0 + ".yaml" }, texts))
        let folder = try await Folder(files)
        let plan = try await folder.plan()
        try await plan.apply(to: folder.workspace.services(), pool: folder.workspace.pool) { _ in }
        #expect(try await folder.plan().changes.isEmpty)
        let services = try folder.workspace.services()
        #expect(try await services.getSecret(scope: "payments", key: "copy").value.text == "tok_live_5f2a")
    }

    @Test func groupsInACircleAreNamed() async throws {
        let folder = try await Folder([
            "a.yaml": "groups:\n  a: {members: [B]}\n  c: {members: [a, d]}\n",
            "b.yaml": "groups:\n  b: {members: [c]}\n  d: {}\n  e: {members: [a, d]}\n",
        ])
        #expect(
            try await folder.problems() == [
                #"DIR/a.yaml:3:17: the group "a" would hold itself: a > B > c > a. Remove one of these members."#
            ])
    }

    @Test func copiesInACircleAreNamedAcrossFiles() async throws {
        let folder = try await Folder([
            "a.yaml": "scopes:\n  a:\n    secrets:\n      k: scope:b/k\n      own: scope:a/own\n",
            "b.yaml": "scopes:\n  b:\n    secrets:\n      k: scope:c/k\n  c: {secrets: {k: scope:a/k}}\n",
        ])
        let problems = try await folder.problems()
        #expect(problems.contains("DIR/a.yaml:5:12: scope:a/own: the secret would be a copy of itself."), "\(problems)")
        #expect(problems.contains { $0.hasSuffix("/k: the secret would be a copy of itself.") }, "\(problems)")
    }

    @Test(arguments: [
        ("k:", "4:9: the source of \"k\" must be a text, not nothing."),
        ("k: {}", "4:10: the source of \"k\" is empty. Write {generate: LENGTH}."),
        ("k: ''", "4:10: the source of \"k\" must be env:NAME"),
        ("k: 'env:'", "4:10: the source of \"k\" must be env:NAME"),
        ("k: env:NONE", "4:10: env:NONE: the variable is not set. Set NONE."),
        ("k: env:EMPTY", "4:10: env:EMPTY: the value is empty."),
        ("k: file:none", "4:10: file:none: No such file or directory."),
        ("k: file:empty", "4:10: file:empty: the value is empty."),
        ("k: file:.", "4:10: file:.: not a regular file."),
        ("k: file:large", "4:10: file:large: larger than 131072 bytes."),
        ("k: scope:none/k", "4:10: scope:none/k: "), ("k: prompt:x", "4:10: the source of \"k\" must be env:NAME"),
        ("\tk: env:KEY", "4:7: a tab cannot indent a line. Use spaces."),
        ("k: \"env:\\x\"", "4:17: "), ("k: [env:KEY", "5:1: "), ("<<: *other", "4:11: found undefined alias."),
        ("k: !!binary dG9r", "4:10: the source of \"k\" must be a text, not tagged tag:yaml.org,2002:binary."),
    ])
    func sourceThatIsWrongIsNamedWithItsPlace(line: String, problem: String) async throws {
        let folder = try await Folder(["m.yaml": "scopes:\n  a:\n    secrets:\n      \(line)\n"])
        try Data().write(to: URL(fileURLWithPath: folder.path + "/empty"))
        try Data(count: 131_073).write(to: URL(fileURLWithPath: folder.path + "/large"))
        let problems = try await folder.problems()
        #expect(problems.count == 1 && problems[0].hasPrefix("DIR/m.yaml:" + problem), "\(problems)")
    }

    @Test func linkWithoutAnAddressIsNamed() async throws {
        let folder = try await Folder(["m.yaml": "scopes:\n  a:\n    link:\n  b:\n    link: {options: {cache: 1s}}\n"])
        #expect(
            try await folder.problems() == [
                "DIR/m.yaml:2:3: the link of \"a\" needs an address.",
                "DIR/m.yaml:4:3: the link of \"b\" needs an address.",
            ])
    }

    /// One file of a hundred megabytes is refused before it is read.
    @Test func hugeManifestIsRefusedByItsName() async throws {
        let folder = try await Folder(["m.yaml": "users: [ana]\n"])
        try #require(truncate(folder.path + "/m.yaml", 100 << 20) == 0)
        #expect(try await folder.problems() == ["DIR/m.yaml: larger than \(Manifest.largestFile) bytes"])
    }
}
