import Foundation
import SecretMemory
import SecretScopes
import Testing

@testable import DatabricksAPI

/// The bodies, held against texts that are written down from the interface's description.
@Suite struct AnswerTests {
    private let pool = SecretPool()

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    @Test func finishedWritesAndEmptyListsAreAnEmptyObject() {
        #expect(text(Answer.done) == "{}")
        #expect(text(Answer.scopes([])) == "{}")
        #expect(text(Answer.secrets([])) == "{}")
        #expect(text(Answer.acls([])) == "{}")
    }

    @Test func listsHaveTheFieldsThatClientsRead() {
        let scopes = [SecretScope(name: "a", backend: .native), SecretScope(name: "B/c", backend: .native)]
        #expect(
            text(Answer.scopes(scopes))
                == #"{"scopes":[{"name":"a","backend_type":"DATABRICKS"},{"name":"B/c","backend_type":"DATABRICKS"}]}"#)
        let secret = SecretMetadata(key: "k", lastUpdated: Timestamp(rawValue: 1_602_168_336_000))
        #expect(text(Answer.secrets([secret])) == #"{"secrets":[{"key":"k","last_updated_timestamp":1602168336000}]}"#)
        let item = ACLItem(principal: "users", permission: .manage)
        #expect(text(Answer.acls([item])) == #"{"items":[{"principal":"users","permission":"MANAGE"}]}"#)
        #expect(text(Answer.acl(item)) == #"{"principal":"users","permission":"MANAGE"}"#)
    }

    @Test func aUserIsDescribedAsSCIMDoes() throws {
        let id = try #require(PrincipalID("000102030405060708090a0b0c0d0e0f"))
        let user = Principal(id: id, kind: .user, name: "a@b.c", displayName: "A", isActive: true)
        #expect(
            text(Answer.me(user))
                == #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"000102030405060708090a0b0c0d0e0f","#
                + #""userName":"a@b.c","displayName":"A","active":true,"#
                + #""emails":[{"value":"a@b.c","type":"work","primary":true}]}"#)
    }

    @Test func aServicePrincipalGoesByItsApplicationID() throws {
        let id = try #require(PrincipalID("000102030405060708090a0b0c0d0e0f"))
        let name = "6f5dc8e8-6d3c-4a52-9f8e-3b9d3f0c7a11"
        let program = Principal(id: id, kind: .servicePrincipal, name: name, displayName: "ci", isActive: true)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(Answer.me(program))) as? [String: Any])
        #expect(json["userName"] as? String == name)
        #expect(json["applicationId"] as? String == name)
        #expect(json["displayName"] as? String == "ci")
        #expect(json["emails"] == nil)
    }

    @Test func aWorkspaceIsAPositiveNumberThatEveryReaderCanHold() throws {
        for text in ["00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff"] {
            let number = Answer.number(of: try #require(WorkspaceID(text)))
            #expect(number >= 1 && number <= 9_007_199_254_740_991)
        }
        let configuration = Answer.configuration(origin: "http://h:1", workspace: 42)
        #expect(
            text(configuration)
                == #"{"oidc_endpoint":"http://h:1/oidc","workspace_id":"42","host_type":"workspace"}"#)
    }

    @Test(arguments: [0, 1, 2, 3, 57, 131_072])
    func aValueIsAnsweredInBase64(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        let secret = Secret(key: "a\"b", value: SecretBytes(copying: bytes.span.bytes, in: pool), version: 3)
        let answer = ValueAnswer(secret)
        var body = [UInt8](repeating: 0xEE, count: answer.byteCount)
        body.withUnsafeMutableBytes { answer.write(to: $0) }
        #expect(text(body) == #"{"key":"a\"b","value":"\#(Data(bytes).base64EncodedString())"}"#)
        let decoded = try AnswerDecoding.secret(body.span.bytes, pool: pool)
        #expect(decoded.key == "a\"b")
        #expect(decoded.value.bytes == bytes)
    }

    @Test func answersSurviveTheWire() throws {
        let scopes = [SecretScope(name: "a", backend: .native)]
        #expect(try AnswerDecoding.scopes(Answer.scopes(scopes).span.bytes) == scopes)
        #expect(try AnswerDecoding.scopes(Answer.scopes([]).span.bytes).isEmpty)
        let secrets = [SecretMetadata(key: "k", lastUpdated: Timestamp(rawValue: 7))]
        #expect(try AnswerDecoding.secrets(Answer.secrets(secrets).span.bytes) == secrets)
        let items = [ACLItem(principal: "p", permission: .write)]
        #expect(try AnswerDecoding.acls(Answer.acls(items).span.bytes) == items)
        #expect(try AnswerDecoding.acl(Answer.acl(items[0]).span.bytes) == items[0])
        for kind in [PrincipalKind.user, .servicePrincipal] {
            let id = PrincipalID(high: 1, low: 2)
            let principal = Principal(id: id, kind: kind, name: "n", displayName: "d", isActive: false)
            #expect(try AnswerDecoding.principal(Answer.me(principal).span.bytes) == principal)
        }
    }

    @Test(arguments: ScopeError.Code.allCases)
    func everyErrorSurvivesTheWire(code: ScopeError.Code) {
        let error = ScopeError(code, "Scope \"x\" does not exist!")
        #expect(AnswerDecoding.error(status: code.httpStatus, Answer.error(error).span.bytes) == error)
    }

    @Test func anErrorThatIsNotOursIsToldByItsStatusAlone() {
        for body in ["<html>token dapi123</html>", "{\"error_code\":\"NEW_CODE\",\"message\":\"m\"}", "{}", ""] {
            let error = AnswerDecoding.error(status: 403, Array(body.utf8).span.bytes)
            #expect(error == ScopeError(.permissionDenied, "The server answered with HTTP status 403."))
        }
    }

    @Test func aMessageIsOneLineOfBoundedLength() {
        let long = "a\u{1B}[31m\n" + String(repeating: "x", count: 5000)
        let error = AnswerDecoding.error(status: 400, Answer.error(ScopeError(.badRequest, long)).span.bytes)
        #expect(error.message.count == 1024)
        #expect(error.message.hasPrefix("a [31m x"))
    }

    @Test(arguments: [
        "", "{}", #"{"key":"k"}"#, #"{"key":"k","value":5}"#, #"{"key":"k","value":"a"}"#, #"{"value":"AAE="}"#, "[]",
    ])
    func aValueThatCannotBeReadIsRefused(body: String) {
        #expect(throws: AnswerNotUnderstood.self) {
            try AnswerDecoding.secret(Array(body.utf8).span.bytes, pool: pool)
        }
    }
}
