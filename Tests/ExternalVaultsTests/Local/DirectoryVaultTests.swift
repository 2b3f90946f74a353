import Foundation
import Glibc
import SecretMemory
import SecretScopes
import Testing

@testable import ExternalVaults

/// Section 10.1 and the column of section 13 for files, with files.
@Suite struct DirectoryVaultTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func vault(
        _ path: String? = nil, options: [String: String] = [:], directories: [String]? = nil
    ) throws -> any Vault {
        let address = try #require(LinkURL("file://\(path ?? directory.path)"))
        let link = LinkConfiguration(kind: .directory, address: address, values: options)
        _ = try DirectoryDefinition.shape(address, link)
        let policy = LinkPolicy(directories: directories ?? [directory.path])
        return try DirectoryDefinition.vault(link, VaultFixture.context(policy: policy))
    }

    private func get(_ name: String, from vault: any Vault) async throws -> String {
        VaultFixture.text(try await vault.get(name, VaultFixture.call()).value)
    }

    private func reason(_ name: String, from vault: any Vault) async -> VaultFailure.Reason? {
        do {
            _ = try await vault.get(name, VaultFixture.call())
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func aFileIsAValueByteForByte() async throws {
        try Data([0, 0xFF, 10, 13, 10]).write(to: URL(fileURLWithPath: directory.path + "/binary"))
        let secret = try await vault().get("binary", VaultFixture.call())
        #expect(secret.value.withBytes { $0.withUnsafeBytes { Array($0) } } == [0, 0xFF, 10, 13, 10])
    }

    @Test(arguments: [("p\n", "p"), ("p\r\n", "p"), ("p\n\n", "p\n"), ("p", "p"), ("\n", ""), ("", ""), ("p\r", "p\r")])
    func theFinalNewlineIsTrimmedWhenTheLinkAsksForIt(contents: String, value: String) async throws {
        try directory.write(contents, to: "k")
        #expect(try await get("k", from: vault(options: ["trim": "final-newline"])) == value)
        #expect(try await get("k", from: vault()) == contents)
    }

    @Test func theFilesTimeIsWhenTheSecretChanged() async throws {
        try directory.write("p", to: "k")
        let time = Date(timeIntervalSince1970: 1_700_000_000.125)
        try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: directory.path + "/k")
        let vault = try vault()
        let wanted = Timestamp(rawValue: 1_700_000_000_125)
        #expect(try await vault.get("k", VaultFixture.call()).updated == wanted)
        #expect(try await vault.list(prefix: "", VaultFixture.call()) == [VaultEntry(name: "k", updated: wanted)])
    }

    @Test func hiddenNamesDirectoriesAndWhatIsNoFileAreNotListed() async throws {
        for name in ["b", "a", ".dockerconfigjson", "sub/c"] { try directory.write("x", to: name) }
        try directory.link("out", to: "/etc/passwd")
        try directory.link("broken", to: "nothing")
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        let entries = try await vault().list(prefix: "", VaultFixture.call())
        #expect(entries.map(\.name).sorted() == ["a", "b"])
        #expect(try await vault().list(prefix: "b", VaultFixture.call()).map(\.name) == ["b"])
    }

    @Test func aHiddenFileIsReadByItsName() async throws {
        try directory.write("x", to: ".dockerconfigjson")
        #expect(try await get(".dockerconfigjson", from: vault()) == "x")
    }

    @Test func symbolicLinksInsideTheDirectoryAreFollowed() async throws {
        try directory.write("x", to: "sub/deep")
        try directory.link("relative", to: "sub/deep")
        try directory.link("absolute", to: directory.path + "/sub/deep")
        let vault = try vault()
        #expect(try await get("relative", from: vault) == "x")
        #expect(try await get("absolute", from: vault) == "x")
    }

    @Test(arguments: ["/etc/passwd", "../../../../../../../../etc/passwd", "/proc/self/environ", "/dev/zero"])
    func symbolicLinksOutOfTheDirectoryAreRefused(target: String) async throws {
        try directory.link("k", to: target)
        #expect(await reason("k", from: try vault()) == .untrusted)
    }

    @Test func aLinkToADirectoryBesideWithTheSameBeginningLeadsOut() async throws {
        let beside = directory.path + "-beside"
        try FileManager.default.createDirectory(atPath: beside, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: beside) }
        try Data("x".utf8).write(to: URL(fileURLWithPath: beside + "/k"))
        try directory.link("k", to: beside + "/k")
        #expect(await reason("k", from: try vault()) == .untrusted)
    }

    @Test func pipesSocketsAndDevicesAreNotOpened() async throws {
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        // Opening it for reading would wait for a writer for ever.
        #expect(await reason("pipe", from: try vault()) == .untrusted)
    }

    @Test(arguments: ["", ".", "..", "..data", "a/b", "../x", "a\0b"])
    func whatIsNoFilesNameIsRefusedBeforeAnythingIsOpened(name: String) async throws {
        try directory.write("x", to: "a/b")
        #expect(await reason(name, from: try vault()) == .unacceptable)
    }

    @Test func aFileOfMoreThan128KiBIsRefused() async throws {
        try directory.write(String(repeating: "x", count: 128 * 1024), to: "most")
        try directory.write(String(repeating: "x", count: 128 * 1024 + 1), to: "more")
        let vault = try vault()
        #expect(try await get("most", from: vault).count == 128 * 1024)
        #expect(await reason("more", from: vault) == .unacceptable)
    }

    // MARK: What may be read

    @Test func aDirectoryThatIsNotListedCannotBeLinked() throws {
        #expect(throws: LinkProblem.self) { try vault(directories: []) }
        #expect(throws: LinkProblem.self) { try vault(directories: [directory.path + "/sub"]) }
        #expect(throws: LinkProblem.self) { try vault("/nothing/there", directories: ["/somewhere"]) }
        // One that is not mounted yet.
        _ = try vault("/nothing/there", directories: ["/nothing"])
    }

    @Test func aDirectoryThatLeadsElsewhereCountsAsWhereItLeads() async throws {
        try directory.write("x", to: "inside/k")
        try directory.link("outside", to: "/etc")
        try directory.link("alias", to: "inside")
        #expect(try await get("k", from: vault(directory.path + "/alias")) == "x")
        #expect(throws: LinkProblem.self) { try vault(directory.path + "/outside") }
        // As /var/run/secrets is listed, and is /run/secrets.
        #expect(
            try await get("k", from: vault(directory.path + "/alias", directories: [directory.path + "/alias"])) == "x")
    }

    @Test func theDirectoryIsCheckedAtEachUse() async throws {
        try directory.write("x", to: "inside/k")
        let vault = try vault(directory.path + "/inside")
        #expect(try await get("k", from: vault) == "x")
        try FileManager.default.removeItem(atPath: directory.path + "/inside")
        #expect(await reason("k", from: vault) == .unreachable)
        try directory.link("inside", to: "/etc")
        #expect(await reason("passwd", from: vault) == .untrusted)
    }

    @Test(arguments: [
        "file://host/run/secrets", "file:///", "file:///a/../b", "file:///a/./b", "file:///a%2fb", "file:///a%00b",
        "file://localhost:1/a",
    ])
    func anAddressMustBeAnAbsolutePath(text: String) throws {
        let address = try #require(LinkURL(text))
        let link = LinkConfiguration(kind: .directory, address: address, values: [:])
        #expect(throws: LinkProblem.self) { try DirectoryDefinition.shape(address, link) }
    }

    @Test func addressesOfOneDirectoryAreOne() throws {
        for text in ["file:///a//b%20c/", "file://localhost/a/b%20c"] {
            let address = try #require(LinkURL(text))
            let shape = try DirectoryDefinition.shape(
                address, LinkConfiguration(kind: .directory, address: address, values: [:]))
            #expect(shape.address == "file:///a/b%20c")
            #expect(shape.authority == "/a/b c")
        }
    }

    // MARK: Kubernetes

    /// Makes a volume as kubelet does, or replaces its contents.
    private func project(_ contents: [String: String], generation: String) throws {
        for (name, text) in contents {
            try directory.write(text, to: "..\(generation)/\(name)")
            if !directory.names.contains(name) { try directory.link(name, to: "..data/\(name)") }
        }
        try? FileManager.default.removeItem(atPath: directory.path + "/..data_tmp")
        try directory.link("..data_tmp", to: "..\(generation)")
        #expect(rename(directory.path + "/..data_tmp", directory.path + "/..data") == 0)
    }

    @Test func aVolumeOfKubernetesIsReadAsOnePodSeesIt() async throws {
        try project(["user": "u1", "password": "p1"], generation: "2026_01_01")
        let vault = try vault()
        #expect(try await vault.list(prefix: "", VaultFixture.call()).map(\.name).sorted() == ["password", "user"])
        #expect(try await get("password", from: vault) == "p1")
        try project(["user": "u2", "password": "p2"], generation: "2026_01_02")
        try FileManager.default.removeItem(atPath: directory.path + "/..2026_01_01")
        #expect(try await get("password", from: vault) == "p2")
    }

    @Test func readsDuringSwapsFindAWholeValue() async throws {
        try project(["password": "0"], generation: "0")
        let vault = try vault()
        let reads = Task {
            var seen: Set<String> = []
            while !Task.isCancelled {
                let value = VaultFixture.text(try await vault.get("password", VaultFixture.call()).value)
                seen.insert(value)
            }
            return seen
        }
        for number in 1...60 {
            try project(["password": "\(number)"], generation: "\(number)")
            try FileManager.default.removeItem(atPath: directory.path + "/..\(number - 1)")
        }
        reads.cancel()
        let seen = try await reads.value
        #expect(seen.isSubset(of: Set((0...60).map(String.init))))
        #expect(try await get("password", from: vault) == "60")
    }

    @Test func dataOutsideTheVolumeIsRefused() async throws {
        let vault = try vault()
        try directory.link("..data", to: "/etc")
        #expect(await reason("passwd", from: vault) == .untrusted)
    }

    @Test func aVolumeOfKubernetesIsNotWritten() async throws {
        try project(["password": "p1"], generation: "1")
        let vault = try vault()
        let before = directory.names
        await #expect(throws: VaultFailure.self) {
            _ = try await vault.put(VaultFixture.secret("x"), as: "password", VaultFixture.call())
        }
        await #expect(throws: VaultFailure.self) { try await vault.delete("password", VaultFixture.call()) }
        #expect(directory.names == before)
        #expect(try await get("password", from: vault) == "p1")
    }

    // MARK: Writing

    @Test func aPutReplacesTheFileAndLeavesNothingElse() async throws {
        let vault = try vault()
        for value in ["one", "two", ""] {
            _ = try await vault.put(VaultFixture.secret(value), as: "k", VaultFixture.call())
            #expect(try directory.text("k") == value)
        }
        #expect(directory.names == ["k"])
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path + "/k")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aSymbolicLinkIsNeitherReplacedNorDeleted() async throws {
        try directory.write("x", to: "target")
        try directory.link("k", to: "target")
        let vault = try vault()
        await #expect(
            throws: VaultFailure(.readOnly, detail: "the file is a symbolic link, which is not replaced from here")
        ) {
            _ = try await vault.put(VaultFixture.secret("y"), as: "k", VaultFixture.call())
        }
        await #expect(throws: VaultFailure.self) { try await vault.delete("k", VaultFixture.call()) }
        #expect(try directory.text("target") == "x")
    }

    @Test func aDeletedFileIsGone() async throws {
        try directory.write("x", to: "k")
        let vault = try vault()
        try await vault.delete("k", VaultFixture.call())
        #expect(directory.names.isEmpty)
        await #expect(throws: VaultFailure(.notFound)) { try await vault.delete("k", VaultFixture.call()) }
    }

    @Test func aDirectoryIsNotReplaced() async throws {
        try directory.write("x", to: "k/inside")
        let vault = try vault()
        await #expect(throws: VaultFailure.self) {
            _ = try await vault.put(VaultFixture.secret("y"), as: "k", VaultFixture.call())
        }
        await #expect(throws: VaultFailure.self) { try await vault.delete("k", VaultFixture.call()) }
        #expect(directory.names == ["k"])
    }

    // MARK: Failures

    /// The column of section 13 for files, as far as the system's error numbers decide.
    @Test(
        arguments: [
            (EIO, .unreachable), (ESTALE, .unreachable), (EMFILE, .unreachable), (EACCES, .denied), (EPERM, .denied),
            (ENOENT, .notFound), (ENOTDIR, .notFound), (ELOOP, .notFound), (ENOSPC, .full), (EDQUOT, .full),
            (EROFS, .readOnly), (ENAMETOOLONG, .unacceptable), (EISDIR, .conflict), (EEXIST, .conflict),
        ] as [(Int32, VaultFailure.Reason)])
    func theSystemsErrorsHaveTheirConditions(number: Int32, reason: VaultFailure.Reason) {
        let failure = LinkedDirectory.failure(.init(call: "open", number: number), of: "the file", missing: .notFound)
        #expect(failure.reason == reason)
    }

    @Test func whatIsNotThereIsNotFoundAndADirectoryThatIsNotThereUnreachable() async throws {
        #expect(await reason("k", from: try vault()) == .notFound)
        #expect(await reason("k", from: try vault(directory.path + "/gone")) == .unreachable)
        try directory.write("x", to: "sub/k")
        #expect(await reason("sub", from: try vault()) == .notFound)
        // A file in its place.
        try directory.write("x", to: "file")
        #expect(await reason("k", from: try vault(directory.path + "/file")) == .unreachable)
    }

    @Test func nothingIsDoneWhenThePatienceIsOver() async throws {
        try directory.write("x", to: "k")
        let vault = try vault()
        await #expect(throws: VaultFailure(.deadlinePassed)) {
            _ = try await vault.get("k", VaultFixture.call(within: .zero))
        }
    }
}
