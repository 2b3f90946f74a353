import Runs
import SecretMemory
import Testing

@Suite struct ChildEnvironmentTests {
    private let pool = SecretPool()

    private func environment(inheriting inherited: [String: String]) -> ChildEnvironment {
        let token = SecretBytes(copying: Array("run-token-0123".utf8).span.bytes, in: pool)
        return ChildEnvironment(forRunInheriting: inherited, host: "http://127.0.0.1:4711", token: token)
    }

    @Test func settingsAndCredentialsOfOursAreGone() {
        let inherited = [
            "HUSH_HOME": "/h", "HUSH_X": "1", "DATABRICKS_HOST": "https://other", "DATABRICKS_TOKEN": "dapi",
            "DATABRICKS_CONFIG_PROFILE": "p", "DATABRICKS_CLIENT_SECRET": "s", "ARM_CLIENT_SECRET": "s",
            "ARM_TENANT_ID": "t", "PATH": "/bin", "HUSHED": "kept", "MY_DATABRICKS_HOST": "kept", "ARMY": "kept",
        ]
        let environment = environment(inheriting: inherited)
        #expect(
            environment.names == [
                "ARMY", "DATABRICKS_AUTH_TYPE", "DATABRICKS_CONFIG_FILE", "DATABRICKS_HOST", "DATABRICKS_TOKEN",
                "HUSHED", "MY_DATABRICKS_HOST", "NO_PROXY", "PATH", "SWIFT_BACKTRACE", "no_proxy",
            ]
        )
        #expect(environment["DATABRICKS_HOST"] == "http://127.0.0.1:4711")
        #expect(environment["DATABRICKS_AUTH_TYPE"] == "pat")
        #expect(environment["DATABRICKS_CONFIG_FILE"] == "/dev/null")
        #expect(environment["SWIFT_BACKTRACE"] == "enable=no")
        #expect(environment["PATH"] == "/bin")
    }

    struct ProxyCase: Sendable {
        var inherited: [String: String]
        var upper: String
        var lower: String
    }

    @Test(arguments: [
        ProxyCase(inherited: [:], upper: "127.0.0.1,localhost", lower: "127.0.0.1,localhost"),
        ProxyCase(
            inherited: ["NO_PROXY": "a.example,b", "no_proxy": "c"],
            upper: "a.example,b,127.0.0.1,localhost",
            lower: "c,127.0.0.1,localhost"
        ),
        // A client that looks at one name only must not lose what the other one says.
        ProxyCase(
            inherited: ["no_proxy": "internal"],
            upper: "internal,127.0.0.1,localhost",
            lower: "internal,127.0.0.1,localhost"
        ),
        ProxyCase(inherited: ["NO_PROXY": "localhost"], upper: "localhost,127.0.0.1", lower: "localhost,127.0.0.1"),
        ProxyCase(inherited: ["NO_PROXY": "*"], upper: "*", lower: "*"),
    ])
    func noProxyStandsBeforeTheBroker(proxyCase: ProxyCase) {
        let environment = environment(inheriting: proxyCase.inherited)
        #expect(environment["NO_PROXY"] == proxyCase.upper)
        #expect(environment["no_proxy"] == proxyCase.lower)
    }

    @Test func childFindsExactlyTheEnvironment() async throws {
        var environment = environment(inheriting: ["KEPT": "a=b\nc", "HUSH_HOME": "/h"])
        environment["PATH"] = "/usr/bin:/bin"
        environment.set("PASSWORD", to: SecretBytes(copying: ([0xFF, 0x20, 0x41] as [UInt8]).span.bytes, in: pool))
        let result = try await runShell("exec cat /proc/self/environ", environment: environment)
        var variables: [String: [UInt8]] = [:]
        for entry in result.output.split(separator: 0) {
            let parts = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(decoding: parts[0], as: UTF8.self)] = Array(parts[1])
        }
        #expect(variables["KEPT"] == Array("a=b\nc".utf8))
        #expect(variables["PASSWORD"] == [0xFF, 0x20, 0x41])
        #expect(variables["DATABRICKS_TOKEN"] == Array("run-token-0123".utf8))
        #expect(variables["HUSH_HOME"] == nil)
        let own: Set = ["HUSH_CHILD", "PWD", "OLDPWD", "SHLVL", "_"]
        #expect(Set(variables.keys).subtracting(own) == Set(environment.names))
    }

    @Test func secretValuesShowNowhere() {
        let environment = environment(inheriting: ["PLAIN": "visible-nowhere"])
        var dumped = ""
        dump(environment, to: &dumped)
        for text in ["\(environment)", String(reflecting: environment), dumped, "\([Optional(environment)])"] {
            #expect(!text.contains("run-token-0123"))
            #expect(!text.contains("visible-nowhere"))
            #expect(text.contains("DATABRICKS_TOKEN"))
        }
        #expect(environment["DATABRICKS_TOKEN"] == nil)
    }

    @Test(arguments: ["A=B", ""])
    func nameThatCannotStandInAnEnvironmentIsRefused(name: String) async throws {
        let error = await #expect(throws: ChildProcessError.self) {
            try await runShell("true", environment: ChildEnvironment([name: "x"]))
        }
        #expect(error?.reason == .unusableVariable(name))
    }

    @Test func valueWithAByteZeroIsRefusedByName() async throws {
        var environment = ChildEnvironment()
        environment.set("BINARY", to: SecretBytes(copying: ([0x41, 0x00, 0x42] as [UInt8]).span.bytes, in: pool))
        let error = await #expect(throws: ChildProcessError.self) {
            try await runShell("true", environment: environment)
        }
        #expect(error?.description == "cannot start a program: the variable BINARY cannot be passed in an environment")
    }
}
