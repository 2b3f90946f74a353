import Foundation
import Testing

@Suite struct TokenCommandsTests {
    /// The members of a JSON document that a command printed.
    private func document(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    /// Digits of moments as zeros.
    private func withoutTimes(_ text: String) -> String {
        text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "0000-00-00T00:00:00.000Z")
    }

    @Test func newTokenIsAllOfTheOutputAndItsIDIsOnStandardError() throws {
        let home = try Home()
        let outcome = try home.hush("tokens", "create", "--comment", "laptop")
        #expect(outcome.status == 0)
        #expect(outcome.output.wholeMatch(of: /dapi[0-9a-f]{64}\n/) != nil)
        let match = try #require(
            outcome.errors.wholeMatch(of: /It is shown this once. Its id is ([0-9a-f]{32})\.\n/), "\(outcome)")
        let id = String(match.1)
        let list = try home.succeed("tokens", "list")
        #expect(
            withoutTimes(list) == """
                ID                                Owner             Created                   Expires  Last used  Comment
                \(id)  root@example.com  0000-00-00T00:00:00.000Z  never    never      laptop

                """)
        #expect(try home.succeed("tokens", "revoke", id) == "Revoked token \(id).\n")
        #expect(try home.succeed("tokens", "list") == "ID  Owner  Created  Expires  Last used  Comment\n")
    }

    @Test func tokenAsJSON() throws {
        let home = try Home()
        let text = try home.succeed("tokens", "create", "--lifetime", "90d", "-o", "json")
        let created = try document(text)
        let info = try #require(created["token_info"] as? [String: Any])
        let creation = try #require(info["creation_time"] as? Int)
        #expect(
            text == """
                {
                  "token_info": {
                    "comment": "",
                    "created_by": "root@example.com",
                    "creation_time": \(creation),
                    "expiry_time": \(creation + 90 * 86_400_000),
                    "last_used_day": null,
                    "owner": "root@example.com",
                    "token_id": "\(info["token_id"] ?? "")"
                  },
                  "token_value": "\(created["token_value"] ?? "")"
                }

                """)
        let list = try home.succeed("tokens", "list", "-o", "json")
        #expect(!list.contains("\(created["token_value"] ?? "")") && list.contains("\(info["token_id"] ?? "")"))
    }

    @Test func everybodySeesTheirOwnAndAnAdministratorAll() throws {
        let home = try Home.withPayments()
        _ = try home.succeed("tokens", "create", "--as", "ana@example.com", "-o", "json")
        _ = try home.succeed("tokens", "create", "-o", "json")
        let owners = /(ana|root)@example\.com/
        #expect(try home.succeed("tokens", "list").matches(of: owners).map(\.1) == ["root"])
        #expect(try home.succeed("tokens", "list", "--as", "ana@example.com").matches(of: owners).map(\.1) == ["ana"])
        #expect(Set(try home.succeed("tokens", "list", "--all").matches(of: owners).map(\.1)) == ["root", "ana"])
        let refused = try home.hush("tokens", "list", "--all", "--as", "ana@example.com")
        #expect(refused.status == 1)
        #expect(
            refused.errors
                == "Error: User ana@example.com is not an administrator, which listTokens needs. Ask an administrator.\n"
        )
    }

    @Test func nobodyRevokesTheTokenOfAnother() throws {
        let home = try Home.withPayments()
        let created = try document(home.succeed("tokens", "create", "-o", "json"))
        let id = try #require((created["token_info"] as? [String: Any])?["token_id"] as? String)
        let refused = try home.hush("tokens", "revoke", id, "--as", "ana@example.com")
        #expect(refused.status == 1)
        #expect(refused.errors == "Error: There is no token \(id) of yours.\n")
        try home.succeed("tokens", "revoke", id)
    }

    @Test func clientSecretsBelongToServicePrincipals() throws {
        let home = try Home.withPayments()
        let principal = try document(home.succeed("service-principals", "create", "nightly", "-o", "json"))
        let application = try #require(principal["name"] as? String)
        let outcome = try home.hush("service-principals", "create-secret", application, "--lifetime", "365d")
        #expect(outcome.status == 0)
        #expect(outcome.output.wholeMatch(of: /dose[0-9a-f]{64}\n/) != nil)
        let id = try #require(outcome.errors.firstMatch(of: /[0-9a-f]{32}/).map { String($0.0) })
        #expect(
            withoutTimes(try home.succeed("service-principals", "list-secrets", application)) == """
                ID                                Created                   Expires
                \(id)  0000-00-00T00:00:00.000Z  0000-00-00T00:00:00.000Z

                """)
        #expect(
            try home.succeed("service-principals", "delete-secret", application, id)
                == "Deleted client secret \(id).\n")
        #expect(
            try home.hush("service-principals", "delete-secret", application, id).errors
                == "Error: There is no client secret \(id) of service principal \(application).\n")
        #expect(
            try home.hush("service-principals", "create-secret", "ana@example.com").errors
                == """
                Error: There is no service principal ana@example.com. \
                Name it by its application id, which `hush service-principals list` shows.

                """)
        #expect(try home.hush("tokens", "revoke", id).status == 1)
    }

    @Test(arguments: ["0d", "-1d", "90", "d", "1w", "99999999d", "9999999d", ""])
    func wrongLifetimeIsRefused(lifetime: String) throws {
        let home = try Home()
        let outcome = try home.hush("tokens", "create", "--lifetime", lifetime)
        #expect(outcome.status != 0 && outcome.output.isEmpty && outcome.errors.hasPrefix("Error: "), "\(outcome)")
        #expect(try home.succeed("tokens", "list") == "ID  Owner  Created  Expires  Last used  Comment\n")
    }

    @Test func pastedTokenIsNotRepeated() throws {
        let home = try Home()
        let token = try home.hush("tokens", "create").output.trimmingCharacters(in: .newlines)
        let outcome = try home.hush("tokens", "revoke", token)
        #expect(outcome.status == 64)
        #expect(outcome.errors == "Error: an id has 32 hexadecimal digits. Look it up in the list.\n")
    }
}
