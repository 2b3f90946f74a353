internal import DatabricksAPI

/// The method and the path of a request that no route answers, as far as they may be repeated.
struct RequestTarget: Sendable, Hashable {
    /// As the answer quotes it. The client knows what it sent; what is long or unusual is left out all the same.
    let quotable: String
    /// As the audit record keeps it. A part of the path that is no word of the API may be anything, a value pasted into
    /// the wrong place among it, and is told by its length only.
    let recordable: String

    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
    ]
    private static let words = Set(APIDescription.calls.flatMap { $0.path.split(separator: "/").map(String.init) })
    private static let longestPath = 128

    init(method: String, path: String) {
        let method = Self.methods.contains(method) ? method : "(a method of \(method.utf8.count) bytes)"
        let isPlain = path.utf8.count <= Self.longestPath && path.utf8.allSatisfy(Self.isPlain)
        self.quotable = isPlain ? "\(method) \(path)" : method
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.isEmpty || Self.words.contains(String(part)) ? String(part) : "(\(part.utf8.count) bytes)"
        }
        let told = parts.joined(separator: "/")
        self.recordable =
            told.utf8.count <= Self.longestPath
            ? "\(method) \(told)" : "\(method) (a path of \(path.utf8.count) bytes)"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
