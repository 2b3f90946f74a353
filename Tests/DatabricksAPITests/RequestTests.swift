import SecretMemory
import SecretScopes
import Testing

@testable import DatabricksAPI

@Suite struct RequestTests {
    private let pool = SecretPool()

    private func put(_ json: String) throws -> PutSecretRequest {
        try PutSecretRequest(json: Array(json.utf8).span.bytes, pool: pool)
    }

    @Test func aValueArrivesByteForByte() throws {
        let request = try put(#"{"scope":"s","key":"k","string_value":"a\u0000\"\\\/\n\u00e9é\ud83d\ude00 "}"#)
        #expect(request.scope == "s")
        #expect(request.key == "k")
        #expect(request.stringValue?.bytes == Array("a\0\"\\/\néé😀 ".utf8))
        #expect(request.bytesValue == nil)
    }

    @Test func theTwoValuesAreToldApart() throws {
        #expect(try put(#"{"scope":"s","key":"k","bytes_value":"AAE="}"#).bytesValue?.bytes == Array("AAE=".utf8))
        let both = try put(#"{"scope":"s","key":"k","bytes_value":"AAE=","string_value":"x"}"#)
        #expect(both.bytesValue != nil && both.stringValue != nil)
        let neither = try put(#"{"scope":"s","key":"k"}"#)
        #expect(neither.bytesValue == nil && neither.stringValue == nil)
    }

    @Test func anEmptyValueIsAValueAndNullIsNone() throws {
        #expect(try put(#"{"scope":"s","key":"k","string_value":""}"#).stringValue?.count == 0)
        #expect(try put(#"{"scope":"s","key":"k","string_value":null}"#).stringValue == nil)
    }

    @Test func unknownFieldsAreIgnored() throws {
        let request = try put(#"{"x":[{"y":1}],"scope":"s","z":null,"key":"k","string_value":"v","Scope":"other"}"#)
        #expect(request.scope == "s")
        #expect(request.stringValue?.bytes == Array("v".utf8))
    }

    struct Refusal: CustomStringConvertible {
        let body: String
        let error: ScopeError
        var description: String { body }

        init(_ body: String, _ code: ScopeError.Code, _ message: String) {
            self.body = body
            self.error = ScopeError(code, message)
        }
    }

    @Test(arguments: [
        Refusal("", .malformedRequest, "The request's body is not valid JSON: it ends too early (byte 0)."),
        Refusal("scope=s", .malformedRequest, "The request's body is not valid JSON: a value is missing (byte 0)."),
        Refusal("[]", .malformedRequest, "The request's body must be a JSON object."),
        Refusal("null", .malformedRequest, "The request's body must be a JSON object."),
        Refusal("\"s\"", .malformedRequest, "The request's body must be a JSON object."),
        Refusal(
            #"{"scope":"s","scope":"t"}"#, .malformedRequest,
            "The request's body is not valid JSON: a field stands there twice (byte 14)."),
        Refusal(
            #"{"scope":"s","sc\u006fpe":"t"}"#, .malformedRequest,
            "The request's body is not valid JSON: a field stands there twice (byte 14)."),
        Refusal(#"{"scope":5}"#, .malformedRequest, "The field scope must be a string."),
        Refusal(#"{"scope":["s"]}"#, .malformedRequest, "The field scope must be a string."),
        Refusal(#"{"scope":true}"#, .malformedRequest, "The field scope must be a string."),
        Refusal(#"{"scope":{"name":"s"}}"#, .malformedRequest, "The field scope must be a string."),
        Refusal(
            #"{"scope":"s","backend_azure_keyvault":"x"}"#, .malformedRequest,
            "The field backend_azure_keyvault must be an object."),
        Refusal(
            #"{"scope":"s","backend_azure_keyvault":{"dns_name":1}}"#, .malformedRequest,
            "The field backend_azure_keyvault.dns_name must be a string."),
        Refusal(
            #"{"scope":"s","backend_azure_keyvault":{"a":1,"a":2}}"#, .malformedRequest,
            "A field stands twice in backend_azure_keyvault."),
        Refusal("{}", .invalidParameterValue, "Missing required field: scope"),
        Refusal(#"{"scope":null}"#, .invalidParameterValue, "Missing required field: scope"),
    ])
    func aBodyThatCannotBeReadIsRefused(refusal: Refusal) throws {
        let body = Array(refusal.body.utf8)
        let error = try #require(throws: ScopeError.self) { try CreateScopeRequest(json: body.span.bytes) }
        #expect(error == refusal.error)
    }

    @Test func everyRequiredFieldIsAskedFor() {
        func missing(_ field: String) -> ScopeError {
            ScopeError(.invalidParameterValue, "Missing required field: \(field)")
        }
        let scope = Array(#"{"scope":"s"}"#.utf8)
        let both = Array(#"{"scope":"s","principal":"p"}"#.utf8)
        #expect(throws: missing("key")) { try SecretParameters(json: scope.span.bytes) }
        #expect(throws: missing("key")) { try put(#"{"scope":"s"}"#) }
        #expect(throws: missing("principal")) { try ACLParameters(json: scope.span.bytes) }
        #expect(throws: missing("permission")) { try PutACLParameters(json: both.span.bytes) }
        #expect(throws: missing("scope")) { try ScopeParameters(query: QueryParameters()) }
        #expect(throws: missing("key")) { try SecretParameters(query: QueryParameters(["scope": "s"])) }
        #expect(throws: missing("principal")) { try ACLParameters(query: QueryParameters(["scope": "s"])) }
    }

    @Test func aVaultIsReadWithWhatIsThere() throws {
        let body = Array(#"{"scope":"s","backend_azure_keyvault":{"tenant_id":"t","dns_name":"d"}}"#.utf8)
        let request = try CreateScopeRequest(json: body.span.bytes)
        #expect(request.azureKeyVault == CreateScopeRequest.AzureKeyVault(resourceID: nil, dnsName: "d"))
    }

    @Test func requestsSurviveTheWire() throws {
        let name = "a/b \"\\\u{1}é"
        let create = CreateScopeRequest(
            scope: name, initialManagePrincipal: "users", backendType: "DATABRICKS",
            azureKeyVault: CreateScopeRequest.AzureKeyVault(resourceID: "r", dnsName: nil))
        #expect(try CreateScopeRequest(json: create.json.span.bytes) == create)
        let scope = ScopeParameters(scope: name)
        #expect(try ScopeParameters(json: scope.json.span.bytes) == scope)
        #expect(try ScopeParameters(query: QueryParameters(parsing: scope.query.encoded)) == scope)
        let secret = SecretParameters(scope: name, key: name + "&=+%")
        #expect(try SecretParameters(json: secret.json.span.bytes) == secret)
        #expect(try SecretParameters(query: QueryParameters(parsing: secret.query.encoded)) == secret)
        let acl = ACLParameters(scope: name, principal: "p@example.com")
        #expect(try ACLParameters(json: acl.json.span.bytes) == acl)
        #expect(try ACLParameters(query: QueryParameters(parsing: acl.query.encoded)) == acl)
        let grant = PutACLParameters(scope: name, principal: "p", permission: "READ")
        #expect(try PutACLParameters(json: grant.json.span.bytes) == grant)
    }

    @Test func aPutRequestSurvivesTheWire() throws {
        let value = "line\nquote\" back\\slash \u{1}\u{1F} é😀".secret(in: pool)
        let request = PutSecretRequest(scope: "s", key: "k", stringValue: value, bytesValue: "AAE=".secret(in: pool))
        var body = SecretBuffer(in: pool)
        try request.appendJSON(to: &body)
        let copy = try body.withBytes { body throws(ScopeError) in try PutSecretRequest(json: body, pool: pool) }
        #expect(copy.scope == "s" && copy.key == "k")
        #expect(copy.stringValue?.bytes == value.bytes)
        #expect(copy.bytesValue?.bytes == Array("AAE=".utf8))
    }

    @Test func aTextThatIsNotUTF8IsNotSent() throws {
        let value = SecretBytes(copying: ([0x61, 0xFF] as [UInt8]).span.bytes, in: pool)
        var body = SecretBuffer(in: pool)
        let request = PutSecretRequest(scope: "s", key: "k", stringValue: value)
        let error = try #require(throws: ScopeError.self) { try request.appendJSON(to: &body) }
        #expect(error.code == .invalidParameterValue)
    }
}
