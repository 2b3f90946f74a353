import Runs
import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// References in a text, and what is left as it is.
@Suite struct SecretTemplateTests {
    private static func fill(_ text: String, in workspace: TemporaryWorkspace) async throws -> String {
        let template = try SecretTemplate(workspace.secret(text), file: "f")
        return try await template.fill(
            with: SecretReferenceResolver(secrets: workspace.services()), in: workspace.pool
        ).text
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("{{secrets/a/k}}", "V"), ("x{{secrets/a/k}}y\n", "xVy\n"),
        ("{{secrets/a/k}}{{secrets/a/k}}", "VV"), ("{{{secrets/a/k}}}", "{V}"), ("{{{{secrets/a/k}}}}", "{{V}}"),
        ("{{ x }}{{secrets/a/k}}", "{{ x }}V"), ("{{", "{{"), ("{", "{"), ("}}{{", "}}{{"), ("{{}}", "{{}}"),
        ("{{x\n}}", "{{x\n}}"), ("{{ a/b/c }}", "{{ a/b/c }}"), ("{{secrets}}", "{{secrets}}"),
        ("${{ secrets.TOKEN }}", "${{ secrets.TOKEN }}"), ("ü{{secrets/a/k}}ü", "üVü"),
        ("{{secrets/a/braces}}{{secrets/a/k}}", "{{secrets/a/k}}V"),
    ])
    func onlyReferencesAreFilled(text: String, expected: String) async throws {
        let workspace = try await TemporaryWorkspace()
        try await workspace.makeScope("a", holding: ["k": "V", "braces": "{{secrets/a/k}}"])
        #expect(try await Self.fill(text, in: workspace) == expected)
    }

    @Test(arguments: [
        ("a\n {{secrets/a/k", "f:2:2: A reference does not end. Write {{secrets/<scope>/<key>}}."),
        ("{{secrets/a/k\n}}", "f:1:1: A reference does not end. Write {{secrets/<scope>/<key>}}."),
        ("{{secrets/}}", "f:1:1: The reference {{secrets/}} cannot be read. Write {{secrets/<scope>/<key>}}."),
        (
            "x{{ secrets/a/k }}",
            "f:1:2: {{ secrets/a/k }} is no reference. Did you mean {{secrets/a/k}}?"
        ),
        ("{{secret/a/k}}", "f:1:1: {{secret/a/k}} is no reference. Did you mean {{secrets/a/k}}?"),
    ])
    func whatIsMeantAsAReferenceIsNotLeft(text: String, message: String) async throws {
        let workspace = try await TemporaryWorkspace()
        let error = #expect(throws: ScopeError.self) { try SecretTemplate(workspace.secret(text), file: "f") }
        #expect(error?.message == message)
    }

    @Test func longestNamesAreFilledAndManyBracesAreLeft() async throws {
        let workspace = try await TemporaryWorkspace()
        let name = String(repeating: "n", count: 128)
        try await workspace.makeScope(name, holding: [name: "V"])
        let braces = String(repeating: "{", count: 200_000)
        #expect(try await Self.fill("\(braces)\n{{secrets/\(name)/\(name)}}", in: workspace) == braces + "\nV")
    }

    @Test func missingSecretIsNamedWithItsPlaceAndEachIsReadOnce() async throws {
        let workspace = try await TemporaryWorkspace()
        try await workspace.makeScope("a", holding: ["k": "V"])
        _ = try await Self.fill("{{secrets/a/k}}{{secrets/a/k}}", in: workspace)
        #expect(try await workspace.events(.getSecret).count == 1)
        let error = await #expect(throws: ScopeError.self) {
            try await Self.fill("{{secrets/a/k}}\n{{secrets/a/none}}", in: workspace)
        }
        #expect(error?.code == .resourceDoesNotExist)
        #expect(error?.message.hasPrefix("f:2:1: The reference {{secrets/a/none}} to scope a and key none") == true)
    }
}
