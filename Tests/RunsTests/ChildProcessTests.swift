import Glibc
import Runs
import Testing

@Suite struct ChildProcessTests {
    @Test func bothOutputsArriveWhole() async throws {
        let script = "head -c 3000000 /dev/zero | tr '\\0' a; head -c 2000000 /dev/zero | tr '\\0' b >&2"
        let result = try await runShell(script)
        #expect(result.output == [UInt8](repeating: UInt8(ascii: "a"), count: 3_000_000))
        #expect(result.error == [UInt8](repeating: UInt8(ascii: "b"), count: 2_000_000))
        #expect(result.ending == ChildEnding(status: .exited(0), cause: .program))
    }

    @Test(arguments: [
        ("exit 0", ChildEnding.Status.exited(0)), ("exit 7", .exited(7)), ("exit 255", .exited(255)),
        ("kill -KILL $$", .signaled(SIGKILL)), ("kill -SEGV $$", .signaled(SIGSEGV)),
    ])
    func endingIsReported(script: String, status: ChildEnding.Status) async throws {
        let result = try await runShell(script)
        #expect(result.ending == ChildEnding(status: status, cause: .program))
    }

    @Test func argumentsFolderAndEmptyInputAreWhatTheCommandSays() async throws {
        let script = "pwd; cat | wc -c; printf '%s|' \"$0\" \"$@\""
        let result = try await runShell(script) { command in
            command.directory = "/usr"
            command.arguments += ["a b", "", "ü"]
        }
        #expect(result.text == "/usr\n0\na b||ü|")
    }

    @Test func noDescriptorIsInheritedButTheControlDescriptor() async throws {
        let leaked = dup(STDOUT_FILENO)
        defer { close(leaked) }
        #expect(leaked > 3)
        let listing =
            "for d in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 \(leaked); do "
            + "[ -e /proc/$$/fd/$d ] && echo $d; done; true"
        #expect(try await runShell(listing).text == "0\n1\n2\n")
        #expect(try await runShell(listing) { $0.hasControlDescriptor = true }.text == "0\n1\n2\n3\n")
    }

    @Test func coreDumpsAreLimitedToOneByte() async throws {
        let result = try await runShell("grep '^Max core file size' /proc/self/limits")
        let fields = result.text.split(separator: " ")
        #expect(fields.dropFirst(4).prefix(2) == ["1", "1"])
    }

    @Test func childHasASessionOfItsOwnAndNoTerminal() async throws {
        // Of /proc/PID/stat behind the name: state, parent, group, session.
        let result = try await runShell("echo $$; sed 's/.*) //' /proc/$$/stat")
        let lines = result.text.split(separator: "\n")
        let fields = lines[1].split(separator: " ")
        #expect(fields[2] == lines[0])
        #expect(fields[3] == lines[0])

        let sharing = try await runShell("echo $$; sed 's/.*) //' /proc/$$/stat") { $0.startsSession = false }
        let sharingLines = sharing.text.split(separator: "\n")
        let sharingFields = sharingLines[1].split(separator: " ")
        #expect(sharingFields[2] == sharingLines[0])
        #expect(sharingFields[3] == "\(getsid(0))")
    }

    @Test func signalsAreNeitherBlockedNorIgnored() async throws {
        let before = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, before) }
        let result = try await runShell("grep -E '^Sig(Blk|Ign)' /proc/self/status")
        let masks = result.text.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
        // The C library keeps the signals 32 and 33 for itself.
        #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
    }

    @Test func programThatIsMissingNamesItself() async throws {
        let command = ChildCommand(.file("/nowhere/program"), arguments: ["x"], environment: ChildEnvironment())
        let error = await #expect(throws: ChildProcessError.self) {
            try await ChildProcess.run(command) { ChildCollector() }
        }
        #expect(error?.executionError == ENOENT)
        #expect(error?.description == "cannot start /nowhere/program: execve: No such file or directory")
    }

    @Test func folderThatIsMissingStopsTheStart() async throws {
        let error = await #expect(throws: ChildProcessError.self) {
            try await runShell("true") { $0.directory = "/nowhere" }
        }
        #expect(error?.executionError == nil)
        #expect(error?.reason == .systemCall("chdir", ENOENT))
    }

    @Test func sealedProgramRunsAndCannotBeChanged() async throws {
        let file = open("/bin/true", O_RDONLY)
        defer { close(file) }
        #expect(file >= 0)
        var bytes = [UInt8](repeating: 0, count: 4_000_000)
        let count = read(file, &bytes, bytes.count)
        let program = try SealedProgram(name: "sealed-here", bytes: Array(bytes[..<count]).span.bytes)
        let command = ChildCommand(.sealed(program), arguments: ["true"], environment: ChildEnvironment())
        let result = try await ChildProcess.run(command) { ChildCollector() }
        #expect(result.ending.status == .exited(0))

        var isFound = false
        for descriptor in 3..<Int32(4096) {
            var path = [CChar](repeating: 0, count: 200)
            let length = readlink("/proc/self/fd/\(descriptor)", &path, path.count)
            let target = String(decoding: path.prefix(max(length, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard target.hasPrefix("/memfd:sealed-here") else { continue }
            isFound = true
            #expect(pwrite(descriptor, "x", 1, 0) == -1 && errno == EPERM)
            #expect(ftruncate(descriptor, 0) == -1 && errno == EPERM)
        }
        #expect(isFound)
        withExtendedLifetime(program) {}
    }
}
