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

    private var host: WorkspaceHost {
        get throws { try WorkspaceHost("https://a.example") }
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
            #expect(try AnswerDecoding.member(Answer.me(principal).span.bytes, in: .users).principal == principal)
        }
    }

    @Test(arguments: ScopeError.Code.allCases)
    func everyErrorSurvivesTheWire(code: ScopeError.Code) throws {
        let error = ScopeError(code, "Scope \"x\" does not exist!")
        #expect(try AnswerDecoding.error(status: code.httpStatus, Answer.error(error).span.bytes, host: host) == error)
    }

    @Test func anErrorThatIsNotOursIsToldByItsStatusAlone() throws {
        for body in ["<html>token dapi123</html>", #"{"error_code":"NEW_CODE","message":""}"#, "{}", ""] {
            let error = try AnswerDecoding.error(status: 403, Array(body.utf8).span.bytes, host: host)
            #expect(
                error == ScopeError(.permissionDenied, "The server at https://a.example answered with HTTP status 403.")
            )
        }
    }

    @Test(arguments: [
        (400, #"{"error_code":"QUOTA_EXCEEDED","message":"m"}"#, ScopeError.Code.badRequest),
        (409, #"{"detail":"m","status":"409"}"#, .resourceAlreadyExists),
        (400, #"{"detail":"m","status":"400","scimType":"uniqueness"}"#, .resourceAlreadyExists),
        (404, #"{"schemas":[],"detail":"m","status":"404"}"#, .resourceDoesNotExist),
        (401, #"{"error":"invalid_client","error_description":"m"}"#, .unauthenticated),
    ])
    func errorsOfOtherFormsAndCodesAreUnderstood(status: Int, body: String, code: ScopeError.Code) throws {
        let error = try AnswerDecoding.error(status: status, Array(body.utf8).span.bytes, host: host)
        #expect(error == ScopeError(code, "m"))
    }

    /// What a Databricks workspace answers: numbers for ids, and names for people that differ from user names.
    @Test func answersOfDatabricksAreUnderstood() throws {
        let users = #"""
            {"totalResults":2,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"5489812","userName":"a@b.c",
             "displayName":"Ana","active":true,"emails":[{"value":"a@b.c"}],
             "groups":[{"display":"admins","value":"10","type":"direct","$ref":"Groups/10"}]}]}
            """#
        let page = try AnswerDecoding.page(Array(users.utf8).span.bytes, in: .users)
        #expect(page.total == 2 && page.members.first?.wireID == "5489812")
        #expect(page.members.first?.principal.name == "a@b.c" && page.members.first?.principal.displayName == "Ana")
        #expect(page.members.first?.groups.first?.kind == .group && page.members.first?.groups.first?.wireID == "10")
        let tokens = #"""
            {"token_infos":[{"token_id":"5715498424f15ee0213be729257b53fc35a47d5953e3bdfd8ed22a0b93b339f4",
             "creation_time":1513120516592,"expiry_time":-1,"comment":"mine"}]}
            """#
        let me = Principal(id: PrincipalID(high: 0, low: 1), kind: .user, name: "a", displayName: "a", isActive: true)
        let token = try #require(try AnswerDecoding.tokens(Array(tokens.utf8).span.bytes, owner: me).first)
        #expect(token.description.id.description == "5715498424f15ee0213be729257b53fc")
        #expect(token.wireID.count == 64 && token.description.expires == nil && token.description.owner == me)
        let scopes = #"{"scopes":[{"name":"v","backend_type":"AZURE_KEYVAULT","keyvault_metadata":{"dns_name":"d"}}]}"#
        #expect(try AnswerDecoding.scopes(Array(scopes.utf8).span.bytes).first?.backend == .azureKeyVault)
    }

    @Test func aMessageIsOneLineOfBoundedLength() throws {
        let long = "a\u{1B}[31m\n" + String(repeating: "x", count: 5000)
        let error = try AnswerDecoding.error(
            status: 400, Answer.error(ScopeError(.badRequest, long)).span.bytes, host: host)
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
