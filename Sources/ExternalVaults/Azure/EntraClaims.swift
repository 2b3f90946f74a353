internal import SecretJSON

/// The claims that a request for a token asks for.
enum EntraClaims {
    /// Says that claims challenges are handled here.
    private static let capability = #""xms_cc":{"values":["CP1"]}"#

    /// The claims of a vault's challenge, with our own ability among them.
    ///
    /// - Parameter challenge: A JSON object, such as `{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}`.
    static func request(merging challenge: String?) -> String {
        let bytes = Array((challenge ?? "{}").utf8)
        let span = bytes.span.bytes
        let root = (try? JSONValue(parsing: span).members(in: span)) ?? [:]
        var members: [String] = []
        for (name, value) in root.sorted(by: { $0.key < $1.key }) where name != "access_token" {
            members.append(member(name, value, bytes))
        }
        let token = (try? root["access_token"]?.members(in: span)) ?? nil
        let asked = (token ?? [:]).filter { $0.key != "xms_cc" }.sorted { $0.key < $1.key }
        let inner = asked.map { member($0.key, $0.value, bytes) } + [capability]
        members.append(#""access_token":{"# + inner.joined(separator: ",") + "}")
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func member(_ name: String, _ value: JSONValue, _ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.appendJSONString(name)
        let quote = value.kind == .string ? "\"" : ""
        return String(decoding: text, as: UTF8.self) + ":" + quote + String(decoding: bytes[value.range], as: UTF8.self)
            + quote
    }
}
