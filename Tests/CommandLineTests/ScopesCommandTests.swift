import Foundation
import Testing

/// `hush scopes`: settings that Databricks' scopes do not have.
@Suite struct ScopesCommandTests {
    @Test func levelIsSetAndListed() throws {
        let home = try Home.withPayments()
        try home.succeed("secrets", "create-scope", "Other")
        #expect(try home.succeed("scopes", "set-redaction", "PAYMENTS", "strict") == "")
        #expect(
            try home.succeed("scopes", "list") == """
                Scope     Redaction  Values
                Other     literal    native
                payments  strict     native

                """)
        #expect(
            try home.succeed("scopes", "list", "-o", "json") == """
                [
                  {
                    "link": null,
                    "minimum_redaction": "literal",
                    "name": "Other"
                  },
                  {
                    "link": null,
                    "minimum_redaction": "strict",
                    "name": "payments"
                  }
                ]

                """)
        // Databricks' own list says nothing of it.
        #expect(try !home.succeed("secrets", "list-scopes", "-o", "json").contains("redaction"))
        try home.succeed("scopes", "set-redaction", "payments", "literal")
        #expect(try home.succeed("scopes", "list").contains("payments  literal "))
    }

    @Test func whoMayNotManageTheScopeIsRefused() throws {
        let home = try Home.withPayments()
        let outcome = try home.hush("scopes", "set-redaction", "payments", "literal", "--as", "ana@example.com")
        #expect(outcome.status == 1 && outcome.errors.contains("does not have MANAGE permission on scope payments"))
    }

    @Test func unknownLevelIsWrongUsage() throws {
        let home = try Home(isInitialized: false)
        let outcome = try home.hush("scopes", "set-redaction", "payments", "stict")
        #expect(outcome.status == 64 && outcome.errors.contains("'literal', 'encoded' or 'strict'"))
    }
}
