import Foundation
import Glibc
import TestPrograms
import Testing

@testable import Runs

@Suite struct RunIsolationTests {
    private static let path = "/usr/local/bin:/usr/bin:/bin"

    /// Whether this machine lets runs be isolated.
    private static func isAvailable() async -> Bool {
        (try? await RunIsolation.make(hiding: .init(), path: path)) != nil
    }

    private func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path + "/inner/deep", withIntermediateDirectories: true)
        for file in ["file", "inner/file"] { try Data("x".utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)")) }
        return path
    }

    @Test func placesAreKnownByWhereTheyLeadAndMissingOnesAreLeftOut() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/inner")
        var places = RunIsolation.HiddenPlaces()
        for name in ["link", "inner/../inner", "file", "link/file", "nothing"] { places.insert("\(folder)/\(name)") }
        #expect(places.folders == [folder + "/inner"])
        #expect(places.files == [folder + "/file", folder + "/inner/file"])
    }

    @Test func whatIsInAHiddenFolderNeedsNoHidingOfItsOwn() async throws {
        guard await Self.isAvailable() else { return }
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var places = RunIsolation.HiddenPlaces()
        for name in ["inner", "inner/deep", "inner/file", "file"] { places.insert("\(folder)/\(name)") }
        let isolation = try await RunIsolation.make(hiding: places, path: Self.path)
        let script =
            "ls -A '\(folder)/inner'; cat '\(folder)/file' 2>/dev/null || echo closed; touch '\(folder)/inner/x'"
        let result = try await runShell(script) { $0.isolation = isolation }
        #expect(result.text == "closed\n" && result.errorText.contains("Read-only file system"))
        // From outside nothing has changed.
        #expect(access("\(folder)/inner/file", R_OK) == 0)
    }

    @Test func isolatedChildIsAChildLikeAnyOther() async throws {
        guard await Self.isAvailable() else { return }
        let isolation = try await RunIsolation.make(hiding: .init(), path: Self.path)
        let here = try await runShell("echo $PPID; pwd; id -u")
        let there = try await runShell("echo $PPID; pwd; id -u") { $0.isolation = isolation }
        #expect(here.text == there.text)
        #expect(try await runShell("exit 7") { $0.isolation = isolation }.ending.status == .exited(7))
        #expect(
            try await runShell("kill -KILL $$") { $0.isolation = isolation }.ending.status == .signaled(SIGKILL))
        let late = try await runShell("exec sleep 1000") {
            $0.isolation = isolation
            $0.timeout = .milliseconds(50)
        }
        #expect(late.ending == ChildEnding(status: .signaled(SIGTERM), cause: .timeout))
        let left = try await runShell("setsid sleep 1000 & echo $!") { $0.isolation = isolation }
        let process = try #require(pid_t(left.text.filter(\.isNumber)))
        #expect(kill(process, 0) == -1 && errno == ESRCH)
    }

    @Test func severalChildrenShareTheNamespacesAndOutliveTheirMaker() async throws {
        guard await Self.isAvailable() else { return }
        let isolation = try await RunIsolation.make(hiding: .init(), path: Self.path)
        let names = "readlink /proc/self/ns/user /proc/self/ns/mnt"
        let first = try await runShell(names) { $0.isolation = isolation }.text
        let second = try await runShell(names) { $0.isolation = isolation }.text
        let outside = try await runShell(names).text
        #expect(first == second && first != outside && first.split(separator: "\n").count == 2)
    }

    @Test func itHasNoCapabilityAndGainsNone() async throws {
        guard await Self.isAvailable() else { return }
        let isolation = try await RunIsolation.make(hiding: .init(), path: Self.path)
        let result = try await runShell("grep -E '^(Cap|NoNewPrivs)' /proc/self/status") { $0.isolation = isolation }
        let lines = result.text.split(separator: "\n")
        #expect(lines.contains("NoNewPrivs:\t1"))
        let sets = lines.filter { $0.hasPrefix("Cap") }
        #expect(sets.count == 5 && sets.allSatisfy { $0.hasSuffix("\t0000000000000000") }, "\(lines)")
    }

    @Test func withoutBubblewrapItSaysSo() async throws {
        let failure = await #expect(throws: RunIsolation.Failure.self) {
            try await RunIsolation.make(hiding: .init(), path: "/nowhere")
        }
        #expect(failure?.description == "bubblewrap (bwrap) is not installed")
    }

    @Test(arguments: [
        (
            "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1",
            "bwrap: setting up uid map: Permission denied"
        ),
        ("exit 3", "bubblewrap does not make the namespaces"),
        // One that starts the program, but tells nothing.
        ("exec cat", "bubblewrap does not tell which process it started"),
        // One that starts it in no namespace at all.
        (
            "echo \"{ \\\"child-pid\\\": $$ }\" >&3; exec cat",
            "bubblewrap cannot be used (cannot start /usr/bin/cat: setns: Invalid argument)"
        ),
    ])
    func bubblewrapThatFailsIsQuoted(script: String, reason: String) async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = folder + "/bwrap"
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: program))
        chmod(program, 0o755)
        try waitUntilNobodyWrites(to: program)
        let failure = await #expect(throws: RunIsolation.Failure.self) {
            try await RunIsolation.make(hiding: .init(), path: folder + ":/usr/bin:/bin")
        }
        #expect(failure?.description == reason)
    }
}
