/// One call of the API as its description tells it.
public struct APICall: Sendable, Hashable {
    /// The parts of the API.
    enum Tag: String, CaseIterable {
        case secrets = "Secrets"
        case tokens = "Tokens"
        case directory = "Directory"
        case audit = "Audit"
        case sign = "Sign-in"
        case operation = "Operation"
    }

    /// A parameter or a member of a body.
    struct Field: Hashable {
        /// The types of JSON.
        enum Kind: String {
            case text = "string"
            case number = "integer"
            case truth = "boolean"
            case list = "array"
            case object
        }

        var name: String
        var kind = Kind.text
        var isRequired = false

        static func needed(_ name: String, _ kind: Kind = .text) -> Field {
            Field(name: name, kind: kind, isRequired: true)
        }

        static func some(_ name: String, _ kind: Kind = .text) -> Field {
            Field(name: name, kind: kind)
        }
    }

    /// The method, such as `GET`.
    public var method: String
    /// The path, with the names of its parts in braces.
    public var path: String
    var tag: Tag
    var summary: String
    var query: [Field] = []
    /// The members of the request's body; `nil` when it has none.
    var body: [Field]?
    /// The members of the answer; `nil` when it has no body.
    var answer: [Field]? = []
    var status = 200
    /// Whether it is answered without a credential.
    var isOpen = false
    /// The media types of the body and of the answer.
    var bodyType = "application/json"
    var answerType = "application/json"

    /// The names in braces of the path.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}
