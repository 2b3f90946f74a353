import DatabricksAPI
import Foundation
import ScopeServer
import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// Questions to the audit record over the wire.
@Suite(.timeLimit(.minutes(5))) struct AuditQueryTests {
    private struct Page {
        var sequences: [Int]
        var scopes: Set<String>
        var next: String?

        init(_ answer: RawHTTP.Answer) throws {
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any], "\(answer)")
            let events = try #require(document["events"] as? [[String: Any]], "\(document)")
            sequences = events.compactMap { $0["sequence"] as? Int }
            scopes = Set(events.compactMap { ($0["requestParams"] as? [String: Any])?["scope"] as? String })
            next = document["next_page_token"] as? String
        }
    }

    @Test func pagesGoFromTheNewestToTheOldestAndMissNothing() async throws {
        try await TestServer.serve { server async throws in
            try await server.fixture.services().createScope(CreateScopeRequest(scope: "payments"))
            for number in 1...7 { try await server.fixture.put("v\(number)", scope: "payments", key: "k\(number)") }
            let path = "/api/2.0/hush/audit/events?action=putSecret&limit=3"
            var found: [Int] = []
            var sizes: [Int] = []
            var next: String?
            repeat {
                let page = try Page(try await server.get(path + (next.map { "&page_token=\($0)" } ?? "")))
                found += page.sequences
                sizes.append(page.sequences.count)
                next = page.next
            } while next != nil
            #expect(sizes == [3, 3, 1])
            #expect(found == found.sorted(by: >))
            let all = try await server.events(.putSecret).map { Int($0.sequence) }
            #expect(found.reversed() == all)
            // Asking is recorded itself.
            #expect(try await server.events(.queryEvents).count > 3)
        }
    }

    @Test func readsComeInPagesToo() async throws {
        try await TestServer.serve { server async throws in
            try await server.fixture.services().createScope(CreateScopeRequest(scope: "payments"))
            for key in ["a", "b", "c"] {
                try await server.fixture.put("v", scope: "payments", key: key)
                _ = try await server.fixture.services().getSecret(scope: "payments", key: key)
            }
            let first = try await server.get("/api/2.0/hush/audit/who-read?scope=payments&limit=2")
            let text = first.body
            #expect(text.contains(#""key":"a""#) && text.contains(#""next_page_token":"2""#))
            let second = try await server.get("/api/2.0/hush/audit/who-read?scope=payments&limit=2&page_token=2")
            let rest = second.body
            #expect(rest.contains(#""key":"c""#) && !rest.contains("next_page_token"))
        }
    }

    /// Whoever manages a scope sees that scope's events, not those of an earlier one of the same name.
    @Test func managersSeeTheirScopeAlone() async throws {
        try await TestServer.serve { server async throws in
            let local = try server.fixture.services()
            for scope in ["payments", "other"] {
                try await local.createScope(CreateScopeRequest(scope: scope))
                try await server.fixture.put("v", scope: scope, key: "k")
                _ = try await local.getSecret(scope: scope, key: "k")
            }
            // The first scope of the name, with a read of its own, goes.
            try await local.deleteScope("payments")
            try await local.createScope(CreateScopeRequest(scope: "payments"))
            try await server.fixture.grant(.manage, on: "payments", to: "ana@example.com")
            try await server.fixture.grant(.write, on: "payments", to: "bob@example.com")
            try await server.fixture.put("v", scope: "payments", key: "k")
            let ana = try await server.fixture.token(for: "ana@example.com")
            let bob = try await server.fixture.token(for: "bob@example.com")

            let path = "/api/2.0/hush/audit/events"
            let mine = try Page(try await server.get(path + "?scope=Payments", token: ana))
            let everything = try Page(try await server.get(path + "?scope=payments"))
            #expect(mine.scopes == ["payments"] && !mine.sequences.isEmpty)
            #expect(mine.sequences.count < everything.sequences.count)
            let reads = try await server.get("/api/2.0/hush/audit/who-read?scope=payments", token: ana)
            #expect(reads.body == #"{"reads":[]}"#)
            for (target, token) in [
                (path, ana), (path + "?scope=other", ana), (path + "?scope=nothing", ana),
                (path + "?scope=payments", bob), ("/api/2.0/hush/audit/who-read?scope=payments", bob),
                ("/api/2.0/hush/audit/reads?principal=ana@example.com", ana),
            ] {
                #expect(try await server.get(target, token: token).status == 403, "\(target)")
            }
            let refused = try await server.events(.queryEvents).filter { $0.statusCode == 403 }
            #expect(refused.count == 4)
            #expect(try await server.events(.queryReaders).filter { $0.statusCode == 403 }.count == 2)
        }
    }

    @Test(arguments: [
        "events?status=abc", "events?since=yesterday", "events?since=7d", "events?limit=0", "events?page_token=x",
        "events?action=fly", "who-read", "who-read?scope=a&page_token=-1", "reads",
    ])
    func whatIsNotUnderstoodIsRefusedAndRecorded(target: String) async throws {
        try await TestServer.serve { server async throws in
            let answer = try await server.get("/api/2.0/hush/audit/" + target)
            #expect(answer.status == 400)
            #expect(answer.body.contains("INVALID_PARAMETER_VALUE"))
            let events = try await server.events(target.hasPrefix("events") ? .queryEvents : .queryReaders)
            #expect(events.contains { $0.statusCode == 400 })
        }
    }
}
