import Foundation
import SecretMemory
import SecretScopes
import Testing

@testable import ExternalVaults

/// Section 10.2 and the column of section 13 for programs, with programs: scripts of the shell.
@Suite struct ProgramVaultTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
    }

    /// A vault whose program is the script `text`.
    private func vault(
        _ text: String, options: [String: String] = [:], mode: Int = 0o755, environment: [String: String] = [:]
    ) throws -> any Vault {
        let path = try directory.write("#!/bin/sh\n\(text)\n", to: "program", mode: mode)
        return try vault(at: path, options: options, environment: environment)
    }

    private func vault(
        at path: String, options: [String: String] = [:], programs: Set<String>? = nil,
        environment: [String: String] = [:]
    ) throws -> any Vault {
        let address = try #require(LinkURL("exec://\(path)"))
        let link = LinkConfiguration(kind: .program, address: address, values: options)
        _ = try ProgramDefinition.shape(address, link)
        let policy = LinkPolicy(programs: programs ?? [path])
        return try ProgramDefinition.vault(link, VaultFixture.context(policy: policy, environment: environment))
    }

    private func get(_ name: String = "k", from vault: any Vault) async throws -> String {
        VaultFixture.text(try await vault.get(name, VaultFixture.call()).value)
    }

    private func failure(
        _ name: String = "k", from vault: any Vault, within patience: Duration = .seconds(20)
    ) async -> VaultFailure? {
        do {
            _ = try await vault.get(name, VaultFixture.call(within: patience))
            return nil
        } catch {
            return error
        }
    }

    // MARK: The native protocol

    @Test func theProgramIsAskedInOneLineAndAnswersInOneObject() async throws {
        let vault = try vault(
            """
            cat > \(directory.path)/question
            printf '%s|' "$0" "$@" > \(directory.path)/arguments
            printf '{"version":1,"ok":true,"value_b64":"cA==","version_id":"7","updated_at_ms":1700000000000,"expires_at_ms":"1800000000000"}'
            """, options: ["args": "--vault 'my vault'"])
        var call = VaultFixture.call()
        call.scope = "payments"
        let secret = try await vault.get("db-password", call)
        #expect(VaultFixture.text(secret.value) == "p")
        #expect(secret.version == "7")
        #expect(secret.updated == Timestamp(rawValue: 1_700_000_000_000))
        #expect(secret.expires == Timestamp(rawValue: 1_800_000_000_000))
        #expect(
            try directory.text("question")
                == "{\"version\":1,\"op\":\"get\",\"scope\":\"payments\",\"name\":\"db-password\"}\n")
        #expect(try directory.text("arguments") == "\(directory.path)/program|--vault|my vault|get|")
    }

    @Test func aValueGoesInAndOutByteForByte() async throws {
        let vault = try vault(
            """
            read -r line
            case $1 in
            put) printf %s "$line" | sed 's/.*"value_b64":"\\([^"]*\\)".*/\\1/' > \(directory.path)/store
                 printf '{"version":1,"ok":true,"version_id":"8"}' ;;
            get) printf '{"version":1,"ok":true,"value_b64":"%s"}' "$(cat \(directory.path)/store)" ;;
            delete) rm \(directory.path)/store; printf '{"version":1,"ok":true}' ;;
            list) printf '{"version":1,"ok":true,"entries":[{"name":"k","updated_at_ms":5},{"name":"l"}]}' ;;
            esac
            """)
        // More than a pipe holds.
        let bytes = (0..<128 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        let value = SecretBytes(copying: bytes.span.bytes, in: VaultFixture.pool)
        #expect(try await vault.put(value, as: "k", VaultFixture.call()) == "8")
        let found = try await vault.get("k", VaultFixture.call()).value
        #expect(found.withBytes { $0.withUnsafeBytes { Array($0) } } == bytes)
        #expect(
            try await vault.list(prefix: "", VaultFixture.call())
                == [VaultEntry(name: "k", updated: Timestamp(rawValue: 5)), VaultEntry(name: "l")])
        try await vault.delete("k", VaultFixture.call())
        #expect(!directory.names.contains("store"))
    }

    /// The column of section 13 for programs: what a program says, or does, and what that means.
    @Test(
        arguments: [
            ("{\"version\":1,\"ok\":false,\"code\":\"not_found\"}", .notFound),
            ("{\"version\":1,\"ok\":false,\"code\":\"denied\"}", .denied),
            ("{\"version\":1,\"ok\":false,\"code\":\"throttled\"}", .throttled),
            ("{\"version\":1,\"ok\":false,\"code\":\"unavailable\"}", .unreachable),
            ("{\"version\":1,\"ok\":false,\"code\":\"disabled\"}", .disabled),
            ("{\"version\":1,\"ok\":false,\"code\":\"expired\"}", .expired),
            ("{\"version\":1,\"ok\":false,\"code\":\"invalid\"}", .unacceptable),
            ("{\"version\":1,\"ok\":false,\"code\":\"internal\"}", .unreachable),
            ("{\"version\":1,\"ok\":false,\"code\":\"surprise\"}", .notUnderstood),
            ("{\"version\":1,\"ok\":false}", .notUnderstood),
            ("{\"version\":1,\"value_b64\":\"cA==\"}", .notUnderstood),
            ("{\"version\":2,\"ok\":true,\"value_b64\":\"cA==\"}", .notUnderstood),
            ("{\"ok\":true,\"value_b64\":\"cA==\"}", .notUnderstood),
            // Both a value and an error.
            ("{\"version\":1,\"ok\":true,\"code\":\"denied\",\"value_b64\":\"cA==\"}", .notUnderstood),
            ("{\"version\":1,\"ok\":false,\"code\":\"denied\",\"value_b64\":\"cA==\"}", .notUnderstood),
            ("{\"version\":1,\"ok\":true,\"ok\":false,\"code\":\"denied\",\"value_b64\":\"cA==\"}", .notUnderstood),
            ("{\"version\":1,\"ok\":true}", .notUnderstood),
            ("{\"version\":1,\"ok\":true,\"value_b64\":7}", .notUnderstood),
            ("{\"version\":1,\"ok\":true,\"value_b64\":\"cA\"}", .checksumMismatch),
            ("{\"version\":1,\"ok\":true,\"value_b64\":\"c A==\"}", .checksumMismatch),
            ("p", .notUnderstood),
            ("", .notUnderstood),
            ("{\"version\":1,\"ok\":true,\"value_b64\":\"cA==\"", .notUnderstood),
        ] as [(String, VaultFailure.Reason)])
    func whatAProgramSaysHasItsCondition(answer: String, reason: VaultFailure.Reason) async throws {
        let vault = try vault("cat > /dev/null; printf '%s' '\(answer)'")
        #expect(await failure(from: vault)?.reason == reason)
    }

    @Test(
        arguments: [
            ("exit 3", .unreachable), ("echo no; exit 1", .unreachable), ("kill -9 $$", .unreachable),
            ("printf '{\"version\":1,\"ok\":true,\"value_b64\":\"cA==\"}'; exit 1", .unreachable),
            ("printf '{\"version\":1,\"ok\":true,\"value_b64\":\"cA==\"}'; kill -9 $$", .unreachable),
            ("printf '{\"version\":1,\"ok\":false,\"code\":\"not_found\"}'; exit 1", .notFound),
            ("head -c 262145 /dev/zero", .notUnderstood), ("cat /dev/zero", .notUnderstood),
        ] as [(String, VaultFailure.Reason)])
    func howAProgramEndsHasItsCondition(script: String, reason: VaultFailure.Reason) async throws {
        #expect(await failure(from: try vault(script))?.reason == reason)
    }

    @Test func aPauseThatTheProgramAsksForIsPassedOn() async throws {
        let vault = try vault("echo '{\"version\":1,\"ok\":false,\"code\":\"throttled\",\"retry_after_ms\":1500}'")
        #expect(await failure(from: vault)?.retryAfter == .milliseconds(1500))
    }

    @Test func anInvalidValueIsAskedForThreeTimes() async throws {
        let vault = try vault(
            """
            echo x >> \(directory.path)/count
            [ $(wc -l < \(directory.path)/count) -lt 3 ] && broken=! || broken=
            echo '{"version":1,"ok":true,"value_b64":"'$broken'cA=="}'
            """)
        #expect(try await get(from: vault) == "p")
        #expect(try directory.text("count") == "x\nx\nx\n")
    }

    @Test func aValueOfMoreThan128KiBIsRefused() async throws {
        let vault = try vault(
            """
            printf '{"version":1,"ok":true,"value_b64":"'
            head -c 131073 /dev/zero | base64 -w0
            printf '"}'
            """)
        #expect(await failure(from: vault)?.reason == .unacceptable)
    }

    @Test func whatAProgramWritesOfErrorsIsNeverShown() async throws {
        let vault = try vault("echo s3cret-in-stderr >&2; echo s3cret-in-stdout; exit 4")
        let failure = try #require(await failure(from: vault))
        #expect(failure == VaultFailure(.unreachable, detail: "the program ended with exit status 4"))
    }

    @Test func messagesOfTheProgramAreNotShown() async throws {
        let vault = try vault("echo '{\"version\":1,\"ok\":false,\"code\":\"denied\",\"message\":\"s3cret\"}'")
        #expect(await failure(from: vault)?.detail == "the program says: denied")
    }

    // MARK: Its surroundings

    @Test func theEnvironmentIsWhatTheLinkLetsThrough() async throws {
        let vault = try vault(
            "echo '{\"version\":1,\"ok\":true,\"value_b64\":\"'$(env | sort | tr '\\n' ' ' | base64 -w0)'\"}'",
            options: ["env": "PATH, ALLOWED MISSING"],
            environment: ["PATH": "/usr/bin:/bin", "ALLOWED": "yes", "OTHER": "no"])
        let found = try await get(from: vault).split(separator: " ").filter {
            !$0.hasPrefix("_=") && !$0.hasPrefix("SHLVL=")
        }
        #expect(found == ["ALLOWED=yes", "PATH=/usr/bin:/bin", "PWD=/"])
    }

    @Test func noShellReadsArgumentsOrNames() async throws {
        let vault = try vault(
            "cat > /dev/null; echo '{\"version\":1,\"ok\":true,\"value_b64\":\"'$(printf %s \"$1\" | base64 -w0)'\"}'",
            options: ["args": "'$(touch \(directory.path)/x);`id`'"])
        #expect(try await get("$(touch x)", from: vault) == "$(touch \(directory.path)/x);`id`")
        #expect(!directory.names.contains("x"))
    }

    @Test func onlyItsThreeStreamsAreOpen() async throws {
        let vault = try vault(
            """
            ls /proc/$$/fd > \(directory.path)/numbers
            echo '{"version":1,"ok":true,"value_b64":"cA=="}'
            """)
        #expect(try await get(from: vault) == "p")
        // What a shell opens for its script stands at 10 and above.
        let numbers = try directory.text("numbers").split(separator: "\n").compactMap { Int($0) }
        #expect(numbers.filter { $0 < 10 } == [0, 1, 2])
    }

    @Test func aBinaryIsStartedToo() async throws {
        let vault = try vault(at: "/bin/cat", options: ["protocol": "aws"])
        // It takes the name for a file's, and there is none.
        #expect(await failure("nothing-there", from: vault)?.reason == .notFound)
    }

    // MARK: Whose program

    @Test func aProgramThatIsNotListedCannotBeLinked() throws {
        #expect(throws: LinkProblem.self) { try vault(at: "/bin/cat", programs: []) }
        #expect(throws: LinkProblem.self) { try vault(at: "/bin/cat", programs: ["/bin"]) }
        #expect(throws: LinkProblem.self) { try vault(at: "/usr/bin/../bin/cat") }
    }

    @Test(arguments: [0o775, 0o757, 0o777])
    func aFileThatOthersCanChangeIsNotRun(mode: Int) async throws {
        let vault = try vault("echo x > \(directory.path)/ran", mode: mode)
        #expect(await failure(from: vault)?.reason == .untrusted)
        #expect(!directory.names.contains("ran"))
    }

    @Test func aFileInADirectoryThatOthersCanChangeIsNotRun() async throws {
        let vault = try vault("echo x > \(directory.path)/ran")
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
        #expect(await failure(from: vault)?.reason == .untrusted)
        #expect(!directory.names.contains("ran"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func aFileOfAnotherUserIsNotRun() async throws {
        let vault = try vault("echo x > \(directory.path)/ran")
        #expect(chown(directory.path + "/program", 65_534, 65_534) == 0)
        #expect(await failure(from: vault)?.reason == .untrusted)
        #expect(!directory.names.contains("ran"))
    }

    @Test func aSymbolicLinkIsCheckedOnTheWayAndAtItsEnd() async throws {
        let script = "#!/bin/sh\necho '{\"version\":1,\"ok\":true,\"value_b64\":\"cA==\"}'\n"
        try directory.write(script, to: "open/program", mode: 0o755)
        try directory.write(script, to: "closed/program", mode: 0o755)
        try directory.link("good", to: "closed/program")
        try directory.link("bad", to: "open/program")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path + "/closed")
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path + "/open")
        #expect(try await get(from: vault(at: directory.path + "/good")) == "p")
        #expect(await failure(from: try vault(at: directory.path + "/bad"))?.reason == .untrusted)
    }

    @Test func whatIsMissingNoFileOrNotExecutableIsNotRun() async throws {
        #expect(await failure(from: try vault(at: directory.path + "/missing"))?.reason == .unreachable)
        #expect(await failure(from: try vault(at: directory.path))?.reason == .untrusted)
        #expect(await failure(from: try vault("echo", mode: 0o644))?.reason == .denied)
        try directory.write("#!/nothing/there\n", to: "broken", mode: 0o755)
        #expect(await failure(from: try vault(at: directory.path + "/broken"))?.reason == .unreachable)
    }

    // MARK: Time

    @Test func aProgramThatTakesTooLongIsEndedWithAllThatItStarted() async throws {
        let vault = try vault(
            """
            sleep 1000 & echo $! > \(directory.path)/descendant
            sleep 1000
            """, options: ["timeout": "5s"])
        #expect(await failure(from: vault)?.reason == .deadlinePassed)
        let descendant = try #require(pid_t(try directory.text("descendant").trimmingCharacters(in: .newlines)))
        try await eventually { kill(descendant, 0) != 0 || isZombie(descendant) }
    }

    @Test func aProgramThatDoesNotEndWhenAskedIsKilled() async throws {
        let vault = try vault(
            """
            trap '' TERM
            echo $$ > \(directory.path)/process
            while :; do sleep 1; done
            """, options: ["timeout": "5s"])
        #expect(await failure(from: vault)?.reason == .deadlinePassed)
        let process = try #require(pid_t(try directory.text("process").trimmingCharacters(in: .newlines)))
        try await eventually { kill(process, 0) != 0 || isZombie(process) }
    }

    @Test func whatAProgramLeavesBehindKeepsNobodyWaiting() async throws {
        // It holds the program's output open.
        let vault = try vault("sleep 1000 & echo '{\"version\":1,\"ok\":true,\"value_b64\":\"cA==\"}'")
        #expect(try await get(from: vault) == "p")
    }

    @Test func aProgramMayAnswerWithoutReading() async throws {
        let vault = try vault("exec <&-; echo '{\"version\":1,\"ok\":true}'")
        let value = SecretBytes(count: 128 * 1024, in: VaultFixture.pool) { _ in }
        #expect(try await vault.put(value, as: "k", VaultFixture.call()) == nil)
    }

    @Test func manyCallsAreServedAFewAtATime() async throws {
        let vault = try vault(
            """
            mkdir \(directory.path)/$$.running
            ls -d \(directory.path)/*.running | wc -l >> \(directory.path)/counts
            echo '{"version":1,"ok":true,"value_b64":"cA=="}'
            rmdir \(directory.path)/$$.running
            """)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await vault.get("k", VaultFixture.call()) } }
            try await group.waitForAll()
        }
        let counts = try directory.text("counts").split(separator: "\n").compactMap { Int($0.filter(\.isNumber)) }
        #expect(counts.count == 20)
        #expect(counts.allSatisfy { $0 <= 4 })
    }

    private func isZombie(_ process: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        return status.split(separator: ")").last?.hasPrefix(" Z") ?? true
    }

    private func eventually(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }
}
