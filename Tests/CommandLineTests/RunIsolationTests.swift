import Foundation
import Glibc
import Testing

/// What the code in a run cannot reach, whatever it tries.
@Suite struct RunIsolationTests {
    /// Who starts the run: the user of the tests, and, when that is root, also somebody who is not.
    enum Starter: CaseIterable, CustomTestStringConvertible {
        case oneself
        case ordinaryUser

        var wrapper: [String] {
            switch self {
            case .oneself: []
            case .ordinaryUser: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
            }
        }

        var testDescription: String { self == .oneself ? "user \(geteuid())" : "an ordinary user" }

        /// Root may become anybody, provided that anybody may reach the program.
        static let usable: [Starter] = {
            guard geteuid() == 0 else { return [.oneself] }
            var call = HushProcess(arguments: ["--version"], environment: ["PATH": Isolation.searchPath])
            call.wrapper = Starter.ordinaryUser.wrapper
            return (try? call.run().status) == 0 ? allCases : [.oneself]
        }()
    }

    private let home: Home

    init() throws {
        home = try Home.withPayments()
        try home.folder.write("token = dapi-of-the-user\n", to: ".databrickscfg")
    }

    private func exec(_ words: [String], by starter: Starter = .oneself, options: [String] = []) throws -> Outcome {
        if starter == .ordinaryUser {
            let chown = HushProcess(
                arguments: ["-R", "65534:65534", home.folder.path],
                environment: ["PATH": Isolation.searchPath],
                program: "chown"
            )
            try #require(try chown.run().status == 0)
        }
        var call = home.process(["exec"] + options + ["--"] + words)
        call.wrapper = starter.wrapper
        return try call.run()
    }

    private func shell(_ script: String, by starter: Starter = .oneself, options: [String] = []) throws -> Outcome {
        try exec(["sh", "-c", script, HushProcess.executable, home.path], by: starter, options: options)
    }

    // MARK: Files

    @Test(.enabled(if: Isolation.isAvailable), arguments: Starter.usable)
    func workspaceKeyFileAndOtherCredentialsAreHidden(starter: Starter) throws {
        let outcome = try shell(
            #"ls -A "$1"; cat "$1/root.key" "$1/hush.db" "$HOME/.databrickscfg"; echo end; id -u"#, by: starter)
        #expect(outcome.status == 0)
        #expect(outcome.output == "end\n\(starter == .oneself ? geteuid() : 65534)\n")
        #expect(outcome.errors.split(separator: "\n").count == 3, "\(outcome)")
        #expect(outcome.errors.contains(".databrickscfg: Permission denied"))
    }

    @Test(.enabled(if: Isolation.isAvailable))
    func keyFileElsewhereIsHiddenAlsoBehindALink() throws {
        let key = home.folder.path("keys/root.key")
        let link = home.folder.path("link.key")
        try home.folder.write("", to: "keys/other")
        try FileManager.default.moveItem(atPath: home.path + "/root.key", toPath: key)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: key)
        let outcome = try shell(
            "cat '\(key)' '\(link)'; ls '\(home.folder.path("keys"))'", options: ["--key-file", link])
        #expect(outcome.output == "other\nroot.key\n")
        #expect(outcome.errors.components(separatedBy: "Permission denied").count == 3, "\(outcome)")
    }

    @Test(.enabled(if: Isolation.isAvailable), arguments: Starter.usable)
    func secondHushCannotOpenTheStore(starter: Starter) throws {
        let outcome = try shell(
            #"env -i HUSH_HOME="$1" HOME="$HOME" "$0" secrets get-secret payments api-key --raw; echo $?"#, by: starter)
        #expect(outcome.output == "1\n")
        #expect(outcome.errors.hasPrefix("Error: ") && outcome.errors.contains("no store"), "\(outcome)")
    }

    @Test(
        .enabled(if: Isolation.isAvailable), arguments: Starter.usable,
        [
            #"umount "$1""#, #"mount -o remount,rw "$1""#, #"mount --bind "${1%/*}" /mnt"#,
            #"unshare -Um umount "$1""#, #"unshare -Urm umount "$1""#,
            #"unshare -Urm sh -c 'mount --bind "${1%/*}" /mnt && ls /mnt/home/root.key' "$0" "$1""#,
            #"mv "${1%/*}/home" "${1%/*}/moved" && ls "${1%/*}/moved/root.key""#,
            #"nsenter -t "$PPID" -m ls "$1/root.key""#,
        ])
    func whatHidesFilesCannotBeUndone(starter: Starter, attempt: String) throws {
        let outcome = try shell(#"(\#(attempt)) 2>/dev/null && echo done; ls -A "$1""#, by: starter)
        #expect(outcome == Outcome(0), "\(attempt)")
    }

    // MARK: Processes

    /// The runner, of which the run is a child, and some process of the same user that has nothing to do with it.
    @Test(
        .enabled(if: Isolation.isAvailable || geteuid() != 0), arguments: Starter.usable,
        [
            #"head -c 1 /proc/$P/mem"#, #"cat /proc/$P/environ"#, #"readlink /proc/$P/fd/1"#,
            #"cat /proc/$P/fd/3"#, #"ls /proc/$P/root/"#, #"cat /proc/$P/root$1/root.key"#, #"cat /proc/$P/maps"#,
            #"cat /proc/$P/syscall"#,
        ])
    func memoryEnvironmentAndDescriptorsOfTheBrokerAreOutOfReach(starter: Starter, attempt: String) throws {
        let outcome = try shell(#"P=$PPID; (\#(attempt)) 2>/dev/null | wc -c"#, by: starter)
        #expect(outcome == Outcome(0, output: "0\n"), "\(attempt)")
    }

    @Test(.enabled(if: Isolation.isAvailable || geteuid() != 0), arguments: Starter.usable)
    func brokerCannotBeTraced(starter: Starter) throws {
        // PTRACE_ATTACH and PTRACE_SEIZE, and reading memory without either.
        let script = """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            libc.ptrace.argtypes = [ctypes.c_long] * 4
            for request in (16, 0x4206):
                print(libc.ptrace(request, os.getppid(), 0, 0), ctypes.get_errno())
            buffer = ctypes.create_string_buffer(8)
            class Vector(ctypes.Structure):
                _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
            local = Vector(ctypes.addressof(buffer), 8)
            remote = Vector(0x1000, 8)
            read = libc.process_vm_readv(os.getppid(), ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
            print(read, ctypes.get_errno())
            """
        let outcome = try exec(["/usr/bin/python3", "-I", "-c", script], by: starter)
        #expect(outcome == Outcome(0, output: "-1 \(EPERM)\n-1 \(EPERM)\n-1 \(EPERM)\n"))
    }

    @Test(.enabled(if: Isolation.isAvailable))
    func otherProcessesOfTheSameUserAreNoWayOut() throws {
        // In the namespaces that the tests are in, where the file can be seen.
        var other = HushProcess(arguments: ["1000"], environment: ["PATH": Isolation.searchPath], program: "sleep")
        other.wrapper = []
        let process = try other.start(
            output: home.folder.path("output"), errors: home.folder.path("errors"))
        defer {
            kill(process, SIGKILL)
            _ = HushProcess.wait(for: process)
        }
        #expect(access("/proc/\(process)/root\(home.path)/root.key", R_OK) == 0)
        let outcome = try shell(
            "cat /proc/\(process)/root$1/root.key /proc/\(process)/cwd/../root.key /proc/\(process)/environ | wc -c")
        #expect(outcome.output == "0\n")
    }

    @Test func noDescriptorIsInherited() throws {
        let leaked = open(home.path + "/root.key", O_RDONLY)
        defer { close(leaked) }
        #expect(leaked > 2)
        let outcome = try shell("for d in $(seq 0 300); do [ -e /proc/$$/fd/$d ] && echo $d; done; true")
        #expect(outcome == Outcome(0, output: "0\n1\n2\n"))
    }

    // MARK: Without isolation

    /// As a system that forbids user namespaces has it.
    private func withoutNamespaces(_ options: [String]) throws -> (status: Int32, output: String, errors: String) {
        let program = try home.folder.write(
            "#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n", to: "bin/bwrap")
        chmod(program, 0o755)
        var call = home.process(["exec"] + options + ["--", "echo", "started"])
        call.environment["PATH"] = home.folder.path("bin") + ":" + Isolation.searchPath
        call.removesNote = false
        let outcome = try call.run()
        return (outcome.status, outcome.output, outcome.errors)
    }

    @Test func whereItCannotBeHadThatIsSaidOnce() throws {
        let (status, output, errors) = try withoutNamespaces([])
        #expect(status == 0 && output == "started\n")
        #expect(
            errors == Isolation.note + "bwrap: No permissions to create a new namespace. Run only what you trust.\n")
    }

    @Test func whereItIsRequiredTheRunDoesNotStartWithoutIt() throws {
        let (status, output, errors) = try withoutNamespaces(["--isolation", "required"])
        #expect(status == 1 && output.isEmpty)
        #expect(
            errors
                == "Error: The run cannot be isolated: bwrap: No permissions to create a new namespace. "
                + "Install bubblewrap, and allow user namespaces.\n")
    }

    @Test func whoeverTurnsItOffIsTold() throws {
        var call = home.process(["exec", "--isolation", "off", "--", "cat", ".databrickscfg"])
        call.removesNote = false
        call.wrapper = ["sh", "-c", "cd '\(home.folder.path)'; exec \"$0\" \"$@\""]
        #expect(
            try call.run()
                == Outcome(
                    0, output: "token = dapi-of-the-user\n",
                    errors: Isolation.note + "--isolation is off. Run only what you trust.\n"))
    }

    @Test(.enabled(if: Isolation.isAvailable)) func whereItIsHadNothingIsSaid() throws {
        #expect(try exec(["true"]) == Outcome(0))
        #expect(try exec(["true"], options: ["--isolation", "required"]) == Outcome(0))
    }

    @Test(.enabled(if: Isolation.isAvailable)) func runThatWouldBeginInAHiddenFolderDoesNotStart() throws {
        var call = home.process(["exec", "--", "pwd"])
        call.wrapper = ["sh", "-c", "mkdir '\(home.path)/below' && cd '\(home.path)/below' && exec \"$0\" \"$@\""]
        #expect(
            try call.run()
                == Outcome(1, errors: "Error: This folder is hidden from runs. Call hush from another one.\n"))
    }

    /// The same for a notebook's program.
    @Test(.enabled(if: Isolation.isAvailable)) func notebooksAreIsolatedToo() throws {
        let path = try home.folder.write(
            """
            // Databricks notebook source
            import Glibc
            func canOpen(_ path: String) -> Bool { open(path, O_RDONLY) >= 0 }
            print(canOpen("\(home.path)/root.key"), canOpen("\(home.path)/hush.db"))
            print(canOpen("\(home.folder.path)/.databrickscfg"), canOpen("/proc/\\(getppid())/mem"))

            // COMMAND ----------
            print(try dbutils.secrets.get(scope: "payments", key: "api-key"), canOpen("\(home.folder.path)/data"))
            """, to: "notebook.swift")
        try home.folder.write("data", to: "data")
        let outcome = try home.hush("run", path)
        #expect(
            outcome == Outcome(0, output: "── cell 1\nfalse false\nfalse false\n── cell 2\n[REDACTED] true\n"))
    }
}
