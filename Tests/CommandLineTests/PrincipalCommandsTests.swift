import Foundation
import Testing

@Suite struct PrincipalCommandsTests {
    @Test func usersAndGroups() throws {
        let home = try Home()
        #expect(try home.succeed("users", "list") == "User              State\nroot@example.com  active\n")
        #expect(try home.succeed("users", "create", "ana@example.com") == "Created user ana@example.com.\n")
        #expect(try home.succeed("groups", "create", "analysts") == "Created group analysts.\n")
        #expect(
            try home.succeed("groups", "add-member", "analysts", "ana@example.com")
                == "Added ana@example.com to analysts.\n")
        #expect(try home.succeed("groups", "create", "readers") == "Created group readers.\n")
        try home.succeed("groups", "add-member", "analysts", "readers")
        #expect(
            try home.succeed("users", "list") == """
                User              State
                ana@example.com   active
                root@example.com  active

                """)
        #expect(try home.succeed("groups", "list") == "Group\nadmins\nanalysts\nreaders\nusers\n")
        #expect(
            try home.succeed("groups", "show", "analysts") == """
                Member           Kind   Display Name
                ana@example.com  user   ana@example.com
                readers          group  readers

                """)
        #expect(
            try home.succeed("groups", "remove-member", "analysts", "ana@example.com")
                == "Removed ana@example.com from analysts.\n")
        #expect(
            try home.succeed("groups", "show", "analysts") == """
                Member   Kind   Display Name
                readers  group  readers

                """)
        #expect(try home.succeed("users", "delete", "ana@example.com") == "Deleted user ana@example.com.\n")
        #expect(try home.succeed("groups", "delete", "analysts") == "Deleted group analysts.\n")
        #expect(try home.succeed("groups", "list") == "Group\nadmins\nreaders\nusers\n")
    }

    @Test func servicePrincipalsGoByApplicationID() throws {
        let home = try Home.withPayments()
        let created = try home.succeed("service-principals", "create", "nightly report", "-o", "json")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(created.utf8)) as? [String: Any])
        let id = try #require(document["name"] as? String)
        #expect(UUID(uuidString: id) != nil)
        #expect(
            created == """
                {
                  "active": true,
                  "display_name": "nightly report",
                  "id": "\(document["id"] ?? "")",
                  "kind": "service_principal",
                  "name": "\(id)"
                }

                """)
        let padding = String(repeating: " ", count: id.count - "Application ID".count)
        #expect(
            try home.succeed("service-principals", "list")
                == "Application ID\(padding)  Display Name    State\n\(id)  nightly report  active\n")
        try home.succeed("secrets", "put-acl", "payments", id, "READ")
        #expect(
            try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw", "--as", id) == "tok_live_5f2a")
        #expect(try home.succeed("service-principals", "delete", id) == "Deleted service principal \(id).\n")
        #expect(try home.hush("secrets", "get-secret", "payments", "api-key", "--as", id).status == 1)
        let again = try home.succeed("service-principals", "create", "nightly report")
        #expect(again.hasPrefix("Created service principal nightly report with application id "))
        #expect(!again.contains(id))
    }

    @Test func goldenFileOfDeactivation() throws {
        try Transcript(name: "deactivate").check(in: .withPayments())
    }

    @Test func goldenFileOfAccess() throws {
        try Transcript(name: "access").check(in: .withPayments())
    }

    @Test(arguments: [
        ["users", "list"], ["groups", "list"], ["service-principals", "list"], ["groups", "show", "admins"],
    ])
    func everyListIsAlsoJSON(arguments: [String]) throws {
        let home = try Home()
        let outcome = try home.process(arguments + ["-o", "json"]).run()
        let list = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]]
        for principal in try #require(list) {
            #expect(principal.keys.sorted() == ["active", "display_name", "id", "kind", "name"])
        }
        #expect(list?.isEmpty == (arguments[0] == "service-principals"))
    }

    @Test func writesAreAlsoJSON() throws {
        let home = try Home()
        try home.succeed("groups", "create", "analysts")
        #expect(
            try home.succeed("groups", "add-member", "analysts", Home.administrator, "-o", "json") == """
                {
                  "group": "analysts",
                  "member": "root@example.com"
                }

                """)
        #expect(
            try home.succeed("groups", "delete", "analysts", "-o", "json") == """
                {
                  "name": "analysts"
                }

                """)
    }

    @Test(arguments: [
        ["users", "create", "ana@example.com"], ["groups", "create", "ana@example.com"], ["groups", "show", "nope"],
        ["users", "delete", "nope"], ["groups", "delete", "ana@example.com"], ["users", "delete", "root@example.com"],
        ["groups", "delete", "admins"], ["groups", "add-member", "analysts", "nope"],
        ["groups", "remove-member", "analysts", "bob@example.com"], ["users", "create", ""],
        ["users", "create", "a\"b"], ["users", "deactivate", "root@example.com"], ["users", "deactivate", "analysts"],
        ["groups", "remove-member", "admins", "root@example.com"],
    ])
    func refusalIsOneLine(arguments: [String]) throws {
        let home = try Home.withPayments()
        let outcome = try home.process(arguments).run()
        #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.errors.hasPrefix("Error: ") && outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    }
}
