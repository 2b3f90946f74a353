import Foundation
import Glibc
import Testing

/// A program that crashes with a value in its memory and its registers shows nothing of it.
@Suite struct CrashOutputTests {
    private static let value = "tok_live_5f2a"

    private let home: Home

    init() throws {
        home = try Home.withPayments()
    }

    /// Executes a program that crashes, in the test's folder.
    private func crash(_ words: [String], environment: [String: String] = [:]) throws -> Outcome {
        var call = home.process(["exec", "--env", "KEY={{secrets/payments/api-key}}", "--"] + words, environment)
        call.wrapper = ["sh", "-c", "cd '\(home.folder.path)' && exec \"$0\" \"$@\""]
        return try call.run()
    }

    /// Neither the value, nor a part of it as bytes, as hexadecimal digits of bytes or of words in memory's order.
    private func expectNoTrace(in outcome: Outcome, location: SourceLocation = #_sourceLocation) {
        let text = (outcome.output + outcome.errors).lowercased()
        let bytes = Array(Self.value.utf8)
        for start in 0...bytes.count - 4 {
            let part = bytes[start..<start + 4]
            let digits = part.map { String($0, radix: 16) }
            let forms = [
                String(decoding: part, as: UTF8.self), digits.joined(), digits.joined(separator: " "),
                digits.reversed().joined(),
            ]
            for form in forms { #expect(!text.contains(form), "\(form) in \(text)", sourceLocation: location) }
        }
        #expect(!text.contains("registers:"), "\(text)", sourceLocation: location)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: home.folder.path)) ?? []
        #expect(!files.contains { $0.hasPrefix("core") }, "\(files)", sourceLocation: location)
    }

    @Test(arguments: [
        "*(volatile int *)key = 1; *(volatile int *)0 = 1;", "abort();", "__builtin_trap();", "raise(SIGFPE);",
        "free(key); free(key);", "memset(stack, 'x', 4096);", "assert(key == 0);", "kill(getpid(), SIGQUIT); pause();",
    ])
    func cProgramsCrashSilently(crash code: String) throws {
        let source = try home.folder.write(
            """
            #define _GNU_SOURCE
            #include <assert.h>
            #include <signal.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>
            static int work(void) {
                char stack[64];
                char *key = strdup(getenv("KEY"));
                strcpy(stack, key);
                register long long words = *(long long *)(key + 3);
                __asm__ volatile("" : : "r"(words), "r"(key), "r"(stack));
                \(code)
                return stack[0] + (int)words;
            }
            int main(void) { puts("begun"); fflush(stdout); return work(); }
            """, to: "crash.c")
        let program = home.folder.path("crash")
        let compiler = HushProcess(
            arguments: ["-O0", "-fstack-protector-all", "-w", "-o", program, source],
            environment: home.environment,
            program: "clang"
        )
        try #require(try compiler.run().status == 0)
        let outcome = try crash([program])
        #expect(outcome.status > 128 && outcome.output == "begun\n", "\(outcome)")
        expectNoTrace(in: outcome)
    }

    @Test(arguments: ["os.abort()", "ctypes.string_at(1)", "os.kill(os.getpid(), 11)"])
    func pythonCrashesSilently(crash code: String) throws {
        let script = """
            import ctypes, faulthandler, os
            faulthandler.enable()
            key = os.environ["KEY"]
            print("begun", flush=True)
            \(code)
            """
        let outcome = try crash(["/usr/bin/python3", "-c", script])
        #expect(outcome.status > 128 && outcome.output == "begun\n", "\(outcome)")
        expectNoTrace(in: outcome)
        // What Python does not catch it prints with the error's words, which are redacted.
        let thrown = try crash(["/usr/bin/python3", "-c", "import os; raise ValueError(os.environ['KEY'])"])
        #expect(thrown.status == 1 && thrown.errors.hasSuffix("ValueError: [REDACTED]\n"))
        expectNoTrace(in: thrown)
    }

    /// Swift's own crash reporter prints registers and the memory that they point to, when it is on.
    @Test func swiftCrashesWithoutReport() throws {
        let source = try home.folder.write(
            """
            import Glibc
            @inline(never) func use(_ key: String) -> Int { Int(String(key.count) + "x")! }
            print("begun"); fflush(stdout)
            print(use(String(cString: getenv("KEY"))))
            """, to: "main.swift")
        let program = home.folder.path("crash")
        let compiler = HushProcess(
            arguments: ["-Onone", "-o", program, source], environment: home.environment, program: "swiftc")
        try #require(try compiler.run().status == 0)
        let outcome = try crash([program], environment: ["SWIFT_BACKTRACE": "enable=yes,color=no"])
        #expect(outcome.status > 128 && outcome.output == "begun\n", "\(outcome)")
        #expect(outcome.errors.contains("Fatal error: Unexpectedly found nil"))
        expectNoTrace(in: outcome)
    }

    @Test func notebooksCrashWithoutReport() throws {
        let path = try home.folder.write(
            """
            // Databricks notebook source
            let key = try dbutils.secrets.get(scope: "payments", key: "api-key")
            let bytes = Array(key.utf8)

            // COMMAND ----------
            print(bytes.withUnsafeBytes { $0.load(fromByteOffset: 3, as: UInt8.self) == 0 ? 0 : bytes.count })
            UnsafeMutableRawPointer(bitPattern: 8)!.storeBytes(of: bytes[0], as: UInt8.self)
            """, to: "notebook.swift")
        let outcome = try home.process(["run", path], ["SWIFT_BACKTRACE": "enable=yes,color=no"]).run()
        #expect(outcome.status == 1 && outcome.output.contains("cell 2"), "\(outcome)")
        expectNoTrace(in: outcome)
    }

    // MARK: Core dumps

    @Test func noProcessOfARunMayDump() throws {
        let outcome = try crash(
            ["sh", "-c", "setsid sh -c 'ulimit -Hc; ulimit -Sc; grep -c . /proc/$$/limits >/dev/null && echo ok'"])
        // In blocks of 512 bytes or of 1024, of which one byte is none.
        #expect(outcome == Outcome(0, output: "0\n0\nok\n"))
        let limits = try crash(["grep", "Max core file size", "/proc/self/limits"])
        #expect(limits.output.contains(/Max core file size +1 +1 +bytes/))
    }

    /// Without isolation root may raise the limit again, which takes purpose.
    @Test(.enabled(if: Isolation.isAvailable || geteuid() != 0)) func limitCannotBeRaised() throws {
        let outcome = try crash(["sh", "-c", "ulimit -Hc unlimited; kill -SEGV $$"])
        #expect(outcome.status == 128 + SIGSEGV || outcome.status == 2, "\(outcome)")
        expectNoTrace(in: outcome)
    }

    /// A pattern that begins with `|` has the kernel give dumps to a program, whatever their limit, unless it is 1. To
    /// see that, the pattern of the whole machine is changed for a moment, so it is done only when it is asked for:
    ///
    /// ```
    /// HUSH_TEST_CORE_PATTERN=1 swift test --filter CrashOutputTests
    /// ```
    @Test(
        .enabled(
            if: geteuid() == 0 && ProcessInfo.processInfo.environment["HUSH_TEST_CORE_PATTERN"] != nil,
            "changes a setting of the whole machine"))
    func programThatTakesDumpsGetsNone() throws {
        let pattern = "/proc/sys/kernel/core_pattern"
        let before = try String(contentsOfFile: pattern, encoding: .utf8)
        let collector = try home.folder.write("#!/bin/sh\ncat >'\(home.folder.path("dump")).'$1\n", to: "c")
        chmod(collector, 0o755)
        try ("|" + collector + " %p").write(toFile: pattern, atomically: false, encoding: .utf8)
        defer { try? before.write(toFile: pattern, atomically: false, encoding: .utf8) }
        let crashing = ["sh", "-c", "echo $$; kill -SEGV $$"]
        let outside = HushProcess(
            arguments: Array(crashing.dropFirst()), environment: home.environment, program: "sh")
        let seen = try outside.run().output.filter(\.isNumber)
        // The kernel waits for the program when the process ends, but not for its last write.
        while access(home.folder.path("dump.\(seen)"), F_OK) != 0 { sched_yield() }
        let hidden = try crash(crashing)
        #expect(hidden.status == 128 + SIGSEGV)
        let number = hidden.output.filter(\.isNumber)
        #expect(!number.isEmpty && access(home.folder.path("dump.\(number)"), F_OK) != 0)
    }
}
