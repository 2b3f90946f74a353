import ArgumentParser
import SecretScopes
import Testing

@testable import hush

@Suite struct ArgumentsTests {
    struct Case: CustomTestStringConvertible {
        let given: String
        let expected: String
        var testDescription: String { given }
    }

    @Test(arguments: [
        Case(given: "-o json secrets list-scopes", expected: "secrets list-scopes -o json"),
        Case(
            given: "secrets --output=json list-scopes --limit 1",
            expected: "secrets list-scopes --output=json --limit 1"),
        Case(given: "--as ana secrets -o json get-secret a b", expected: "secrets get-secret --as ana -o json a b"),
        Case(given: "secrets put-secret a b --string-value=", expected: "secrets put-secret a b --string-value "),
        Case(
            given: "secrets put-secret a b --string-value --json=",
            expected: "secrets put-secret a b --string-value --json="),
        Case(given: "run a.swift -- --limit=", expected: "run a.swift -- --limit="),
        Case(given: "--version", expected: "--version"),
        Case(given: "--help secrets", expected: "--help secrets"),
        Case(given: "-o", expected: "-o"),
        Case(given: "secrets list-scopes --raw=", expected: "secrets list-scopes --raw="),
    ])
    func argumentsAreBroughtIntoTheParsersForm(_ row: Case) {
        let given = row.given.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let expected = row.expected.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        #expect(CommandLineArguments.normalized(given) == expected)
    }

    /// Reading a secret is parsed in two ways; both give the same.
    @Test(arguments: ["a b", "a b --raw", "--raw a b", "a --raw b", "a/b= b"])
    func plainReadsAreWhatTheParserMakesOfThem(words: String) throws {
        let arguments = ["secrets", "get-secret"] + words.split(separator: " ").map(String.init)
        let command = try HushCommand.parseAsRoot(CommandLineArguments.normalized(arguments))
        let parsed = try #require(command as? GetSecretCommand)
        #expect(try parsed.reading() == SecretReading(plainly: arguments))
    }

    @Test(arguments: [
        "", "a", "a b c", "a b --raw --raw", "a b -h", "a -b", "a b --version 3", "-- a b", "a b -o json",
    ])
    func otherReadsAreLeftToTheParser(words: String) {
        let arguments = ["secrets", "get-secret"] + words.split(separator: " ").map(String.init)
        #expect(SecretReading(plainly: arguments) == nil)
        #expect(SecretReading(plainly: ["secrets", "list-secrets", "a", "b"]) == nil)
    }

    @Test(arguments: [
        (["secrets", "list-scopes"], true), (["-o", "json", "secrets", "x"], true), (["help", "secrets"], true),
        (["users", "create", "secrets"], false), ([], false), (["--as", "secrets", "run"], false),
    ])
    func commandsUnderSecretsAreKnown(arguments: [String], expected: Bool) {
        #expect(CommandLineArguments.areForSecrets(arguments) == expected)
    }

    @Test(arguments: [["-h"], ["-o", "json"], ["-ojson"], ["--as", "-x"], ["--", "-x"], ["a-b"], ["--limit", "-1"]])
    func lettersThatExistPass(arguments: [String]) {
        #expect(throws: Never.self) { try CommandLineArguments.checkLetters(arguments) }
    }

    @Test(arguments: [["-x"], ["-hush"], ["a", "-phone"], ["--raw", "-1"]])
    func lettersThatDoNotExistAreRefused(arguments: [String]) {
        #expect(throws: UsageFailure.self) { try CommandLineArguments.checkLetters(arguments) }
    }
}

@Suite struct ExitStatusTests {
    /// All codes, so that a new one is thought about.
    @Test(arguments: ScopeError.Code.allCases)
    func everyRefusalOfTheServicesIsAFailure(code: ScopeError.Code) {
        #expect(ExitStatus.of(code) == 1)
        for isSecretsCommand in [false, true] {
            #expect(ExitStatus.of(ScopeError(code, "why"), isSecretsCommand: isSecretsCommand) == 1)
        }
    }

    @Test func wrongUsageIsAFailureUnderSecretsAlone() {
        #expect(ExitStatus.of(UsageFailure("why"), isSecretsCommand: false) == 64)
        #expect(ExitStatus.of(UsageFailure("why"), isSecretsCommand: true) == 1)
        #expect(ExitStatus.of(CommandFailure("why"), isSecretsCommand: false) == 1)
        #expect(ExitStatus.of(CommandFailure("why", status: ExitStatus.timedOut), isSecretsCommand: false) == 124)
        #expect(ExitStatus.of(CancellationError(), isSecretsCommand: false) == 1)
    }
}
