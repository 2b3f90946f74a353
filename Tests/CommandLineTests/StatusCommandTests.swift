import Foundation
import Testing

@Suite struct StatusCommandTests {
    @Test func statusCountsWhatIsThere() throws {
        let home = try Home.withPayments()
        let text = try home.succeed("status")
        let pattern =
            /Workspace   [0-9a-f]{32}\nStore       (.*)\/hush\.db \(\d+ bytes\)\nKey file    (.*)\nScopes      1\nSecrets     1\nPrincipals  5\nEvents      \d+\nMemory      .*\n\nThe key file lies beside the store: .*\n/
        #expect(text.wholeMatch(of: pattern) != nil, "\(text)")
    }

    @Test func statusAsJSON() throws {
        let home = try Home.withPayments()
        let document = try home.succeed("status", "-o", "json")
        let status = try #require(try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
        #expect(
            status.keys.sorted() == [
                "events", "key_file", "key_file_beside_store", "key_provider", "memory_bytes", "memory_dumpable_bytes",
                "memory_unlocked_bytes", "principals", "scopes", "secrets", "store", "store_bytes", "workspace",
            ])
        #expect(status["key_provider"] as? String == "key-file")
        #expect(status["key_file"] as? String == home.path + "/root.key")
        #expect(status["key_file_beside_store"] as? Bool == true)
        #expect(status["secrets"] as? Int == 1)
    }
}
