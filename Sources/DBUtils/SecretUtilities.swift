/// Reads secrets as the principal of the run: `dbutils.secrets`.
///
/// Every call is one request to the run, which decides, records it in the audit record, and redacts the value from then
/// on in everything that the notebook shows.
public struct SecretUtilities: Sendable {
    private let client: RunClient

    init(variable: @escaping @Sendable (String) -> String?) {
        self.client = RunClient(variable: variable)
    }

    /// The value of the secret `key` in `scope`, as text.
    ///
    /// - Throws: ``DBUtilsError``: `RESOURCE_DOES_NOT_EXIST`, `PERMISSION_DENIED`, `INVALID_UTF8` when the value is not
    ///   UTF-8 text, and whatever else the run answers.
    public func get(scope: String, key: String) throws -> String {
        let value = try read(scope: scope, key: key)
        guard Unicode.UTF8.isValid(value.bytes) else { throw DBUtilsError.invalidUTF8(scope: scope, key: key) }
        return String(decoding: value.bytes, as: UTF8.self)
    }

    /// The value of the secret `key` in `scope`, as bytes.
    ///
    /// - Throws: ``DBUtilsError``: `RESOURCE_DOES_NOT_EXIST`, `PERMISSION_DENIED`, and whatever else the run answers.
    public func getBytes(scope: String, key: String) throws -> [UInt8] {
        let value = try read(scope: scope, key: key)
        return [UInt8](value.bytes)
    }

    /// The names of the secrets in `scope`.
    ///
    /// - Throws: ``DBUtilsError``: `RESOURCE_DOES_NOT_EXIST`, `PERMISSION_DENIED`, and whatever else the run answers.
    public func list(scope: String) throws -> [SecretMetadata] {
        try names("key", of: "secrets", path: "/api/2.0/secrets/list", query: [("scope", scope)])
            .map(SecretMetadata.init(key:))
    }

    /// The scopes that the principal of the run may see.
    ///
    /// - Throws: ``DBUtilsError`` for whatever the run answers.
    public func listScopes() throws -> [SecretScope] {
        try names("name", of: "scopes", path: "/api/2.0/secrets/scopes/list", query: [])
            .map(SecretScope.init(name:))
    }

    /// Prints the methods.
    public func help() {
        for method in Self.methods {
            print("\(method.signature): \(method.summary)")
        }
    }

    /// Prints what the method `name` does, such as `help("get")`.
    public func help(_ name: String) {
        guard let method = Self.methods.first(where: { $0.name == name }) else {
            print("dbutils.secrets has no method \(name). It has:")
            help()
            return
        }
        print("\(method.signature)\n\(method.summary)\n\(method.details)")
    }

    private func read(scope: String, key: String) throws(DBUtilsError) -> WipedBytes {
        let response = try client.get("/api/2.0/secrets/get", query: [("scope", scope), ("key", key)])
        do throws(DBUtilsError) {
            let answer = try Self.parse(response)
            guard let encoded = answer["value"]?.text(in: response.body.bytes),
                let value = Base64Decoding.decode(encoded.bytes)
            else { throw .malformedResponse("it has no value in base64") }
            return value
        } catch {
            throw error.errorCode == "RESOURCE_DOES_NOT_EXIST" ? .secretDoesNotExist(scope: scope, key: key) : error
        }
    }

    private func names(
        _ member: String,
        of list: String,
        path: String,
        query: [(name: String, value: String)]
    ) throws(DBUtilsError) -> [String] {
        let response = try client.get(path, query: query)
        let answer = try Self.parse(response)
        // As in the Databricks API, an empty list may be left out.
        guard let value = answer[list] else { return [] }
        guard let elements = value.elements else { throw .malformedResponse("its \(list) are no list") }
        var names: [String] = []
        for element in elements {
            guard let name = element[member]?.string(in: response.body.bytes) else {
                throw .malformedResponse("an entry of \(list) has no \(member)")
            }
            names.append(name)
        }
        return names
    }

    private static func parse(_ response: borrowing RunClient.Response) throws(DBUtilsError) -> JSON {
        let answer: JSON
        do {
            answer = try JSONParser.parse(response.body.bytes)
        } catch {
            throw .malformedResponse("status \(response.status), byte \(error.offset): \(error.reason)")
        }
        guard response.status != 200 else {
            guard case .object = answer else { throw .malformedResponse("it is no JSON object") }
            return answer
        }
        guard let code = answer["error_code"]?.string(in: response.body.bytes) else {
            throw .malformedResponse("status \(response.status) without an error code")
        }
        let message = answer["message"]?.string(in: response.body.bytes)
        throw DBUtilsError(errorCode: code, message: message ?? "status \(response.status)")
    }

    private struct Method: Sendable {
        var name: String
        var signature: String
        var summary: String
        var details: String
    }

    private static let methods = [
        Method(
            name: "get",
            signature: "get(scope: String, key: String) throws -> String",
            summary: "Gets the value of a secret as text",
            details: """
                The value must be UTF-8; read other values with getBytes. What the notebook shows of it is redacted.
                Example: let key = try dbutils.secrets.get(scope: "payments", key: "api-key")
                """
        ),
        Method(
            name: "getBytes",
            signature: "getBytes(scope: String, key: String) throws -> [UInt8]",
            summary: "Gets the value of a secret as bytes",
            details: #"Example: let key = try dbutils.secrets.getBytes(scope: "payments", key: "signing-key")"#
        ),
        Method(
            name: "list",
            signature: "list(scope: String) throws -> [SecretMetadata]",
            summary: "Lists the names of the secrets in a scope",
            details: #"Example: for secret in try dbutils.secrets.list(scope: "payments") { print(secret.key) }"#
        ),
        Method(
            name: "listScopes",
            signature: "listScopes() throws -> [SecretScope]",
            summary: "Lists the scopes that you may see",
            details: "Example: for scope in try dbutils.secrets.listScopes() { print(scope.name) }"
        ),
        Method(
            name: "help",
            signature: "help(_ method: String)",
            summary: "Prints the methods, or what one method does",
            details: #"Example: dbutils.secrets.help("get")"#
        ),
    ]
}
