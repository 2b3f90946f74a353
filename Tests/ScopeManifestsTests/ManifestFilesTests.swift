import Foundation
import Glibc
import ScopeManifests
import SecretScopes
import Testing

@Suite struct ManifestFilesTests {
    /// A folder of files for one test.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("manifests-\(UUID().uuidString)").path

        init(_ files: [String: String] = [:]) throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name)) }
        }

        deinit {
            try? FileManager.default.removeItem(atPath: path)
        }

        func problems() throws -> [String]? {
            let error = #expect(throws: ManifestError.self) { try Manifest.load(from: [path]) }
            return error?.problems.map { $0.description.replacing(path, with: "DIR") }
        }
    }

    @Test func folderIsReadInTheOrderOfItsNames() throws {
        let folder = try Folder([
            "b.yaml": "users: [b]", "a.yml": "users: [a]", "C.yaml": "users: [c]", ".hidden.yaml": "users: [h]",
            "note.txt": "users: [n]", "d.yaml.bak": "nonsense: [",
        ])
        try FileManager.default.createDirectory(atPath: folder.path + "/sub", withIntermediateDirectories: true)
        #expect(try Manifest.load(from: [folder.path]).users.map(\.value.rawValue) == ["c", "a", "b"])
        #expect(try Manifest.load(from: [folder.path + "/"]).users.count == 3)
        #expect(try Manifest.load(from: [folder.path + "/b.yaml"]).users.map(\.value.rawValue) == ["b"])
    }

    @Test func problemsOfAllFilesAreShownTogether() throws {
        let folder = try Folder([
            "a.yaml": "scopes: {payments: {}}\nuser: []", "b.yaml": "scopes:\n  Payments: {}", "c.yaml": "x: [",
        ])
        #expect(
            try folder.problems() == [
                #"DIR/a.yaml:2:1: a manifest has no field "user". Did you mean "users"?"#,
                """
                DIR/b.yaml:2:3: the scope "Payments" stands here again; it is already at DIR/a.yaml:1:10. Remove one.
                """,
                "DIR/c.yaml:2:1: while parsing a flow node: did not find expected node content.",
            ])
    }

    @Test func unreadableFilesAreNamed() throws {
        let folder = try Folder(["b.yaml": ""])
        try Data([0x75, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.path + "/a.yaml"))
        // Reading a pipe that nobody writes to would never end.
        try #require(mkfifo(folder.path + "/c.yaml", 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/d.yaml", withDestinationPath: "gone")
        #expect(
            try folder.problems() == [
                "DIR/a.yaml: not a text in UTF-8. Save it as UTF-8.",
                "DIR/c.yaml: not a regular file",
                "DIR/d.yaml: No such file or directory",
            ])
    }

    @Test func tooLargeFileIsRefusedWithoutReadingAllOfIt() throws {
        let folder = try Folder(["a.yaml": "users: [a]\n"])
        // Sparse: it takes no room.
        try #require(truncate(folder.path + "/a.yaml", 1 << 40) == 0)
        #expect(try folder.problems() == ["DIR/a.yaml: larger than 1048576 bytes"])
    }

    @Test func missingAndEmptyFoldersAreNamed() throws {
        let folder = try Folder(["note.txt": ""])
        #expect(try folder.problems() == ["DIR holds no manifests. Name a folder with *.yaml files."])
        let error = #expect(throws: ManifestError.self) { try Manifest.load(from: [folder.path + "/nope"]) }
        #expect(
            error?.description
                == "\(folder.path)/nope: No such file or directory. Name a folder with *.yaml files.")
    }
}
