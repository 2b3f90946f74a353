import Runs
import Testing

@Suite struct EnvironmentFileTests {
    @Test(
        arguments: [
            ("", [:]), ("\n  \n# A=1\n\t# B\n", [:]), ("A=1", ["A": "1"]), ("A=1\r\nB=2\r\n", ["A": "1", "B": "2"]),
            ("export A=1", ["A": "1"]), ("exportA=1", ["exportA": "1"]), ("  A=1  ", ["A": "1"]), ("A=", ["A": ""]),
            ("A= 1", ["A": " 1"]), ("A=a=b", ["A": "a=b"]), ("A=1 # kept", ["A": "1 # kept"]),
            ("A='x y'", ["A": "x y"]), ("A=\"x'y\"", ["A": "x'y"]), ("A='x", ["A": "'x"]), ("A='", ["A": "'"]),
            ("A=\"\"", ["A": ""]), ("A='a\\n$B'", ["A": "a\\n$B"]), ("A=1\nA=2", ["A": "2"]), ("_a1=ü", ["_a1": "ü"]),
            ("A={{secrets/a/b}}", ["A": "{{secrets/a/b}}"]),
        ] as [(String, [String: String])])
    func variablesAreRead(text: String, expected: [String: String]) throws {
        #expect(try EnvironmentFile.variables(in: text) == expected)
    }

    @Test(arguments: [("A", 1), ("A=1\n\nB\n", 3), ("=1", 1), ("1A=x", 1), ("A B=x", 1), ("A-B=x", 1), ("ü=x", 1)])
    func lineThatIsNoVariableIsNumberedAndNotQuoted(text: String, line: Int) {
        let failure = #expect(throws: EnvironmentFile.Failure.self) { try EnvironmentFile.variables(in: text) }
        #expect(failure?.line == line && failure?.reason.contains("x") == false)
    }
}
