import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// The calls of the Secrets API in few words.
extension TestServer {
    /// Makes a user and returns a token of it.
    func user(_ name: String) async throws -> String {
        try await fixture.makeUsers(name)
        return try await fixture.token(for: name)
    }

    /// Sends `fields` as the body of a call under `/api/2.0/secrets/`.
    func call(
        _ path: String, _ fields: KeyValuePairs<String, String>, token: String? = nil
    ) async throws -> RawHTTP.Answer {
        let object = Dictionary(uniqueKeysWithValues: fields.map { ($0, $1) })
        let body = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        return try await post("/api/2.0/secrets/" + path, String(decoding: body, as: UTF8.self), token: token)
    }

    /// Sends a `GET` under `/api/2.0/secrets/`, its query included.
    func ask(_ path: String, token: String? = nil) async throws -> RawHTTP.Answer {
        try await get("/api/2.0/secrets/" + path, token: token)
    }

    /// Makes a scope over the wire.
    func makeScope(_ scope: String, token: String? = nil) async throws {
        let answer = try await call("scopes/create", ["scope": scope], token: token)
        try #require(answer.isDone, "\(answer)")
    }

    /// Stores a text over the wire.
    func put(_ value: String, scope: String, key: String) async throws {
        let answer = try await call("put", ["scope": scope, "key": key, "string_value": value])
        try #require(answer.isDone, "\(answer)")
    }

    /// Grants over the wire.
    func allow(_ principal: String, _ permission: String, on scope: String) async throws {
        let answer = try await call(
            "acls/put", ["scope": scope, "principal": principal, "permission": permission])
        try #require(answer.isDone, "\(answer)")
    }
}

extension RawHTTP.Answer {
    /// Whether it is the answer of a finished write: status 200 and the two bytes that the legacy command line needs.
    var isDone: Bool {
        outcome == "200" && body == "{}"
    }

    /// `200`, or status and code of a refusal, such as `400 RESOURCE_ALREADY_EXISTS`. What is not a JSON object of the
    /// documented shape shows itself whole.
    var outcome: String {
        guard let json, headers["content-type"] == "application/json" else { return "\(self)" }
        if status == 200 { return "200" }
        guard
            Set(json.keys) == ["error_code", "message"], let code = member("error_code"), member("message") != nil
        else { return "\(self)" }
        return "\(status) \(code)"
    }

    /// The message of a refusal.
    var message: String? { member("message") }

    /// The objects of a list.
    func list(_ name: String) -> [[String: Any]] {
        json?[name] as? [[String: Any]] ?? []
    }

    /// The bytes of a value that was read.
    var value: Data? {
        member("value").flatMap { Data(base64Encoded: $0) }
    }
}
