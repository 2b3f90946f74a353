import NIOCore

/// Answers in the form of AWS Secrets Manager's, all of them made beforehand.
struct CannedAnswers: Sendable {
    /// How many names are listed.
    static let names = 1000
    /// How many pages they make: Secrets Manager gives a hundred at a time.
    static let pages = 10

    /// What `GetSecretValue` is answered with, whatever the secret's name.
    let value: ByteBuffer
    /// What `ListSecrets` is answered with, page by page.
    let list: [ByteBuffer]

    init() {
        value = ByteBuffer(
            string: #"{"ARN":"\#(Self.arn("answer"))","CreatedDate":1.7604E9,"Name":"answer","#
                + #""SecretString":"tok_live_51Hbenchmarkbenchmarkbe","#
                + #""VersionId":"11f6a7c0-5b1d-4a3e-9c55-0123456789ab","VersionStages":["AWSCURRENT"]}"#)
        let size = Self.names / Self.pages
        list = (0..<Self.pages).map { page in
            let entries = (page * size..<(page + 1) * size).map { Self.entry("key-\($0)") }.joined(separator: ",")
            let next = page + 1 < Self.pages ? #""NextToken":"\#(Self.token(page + 1))","# : ""
            return ByteBuffer(string: #"{\#(next)"SecretList":[\#(entries)]}"#)
        }
    }

    /// The page whose token stands in the request's body; the first one when there is none.
    func page(askedForBy body: ByteBuffer) -> ByteBuffer {
        let text = String(buffer: body)
        return list.indices.last { text.contains(Self.token($0)) }.map { list[$0] } ?? list[0]
    }

    /// The token of a page.
    static func token(_ page: Int) -> String { "token-of-page-\(page)-" }

    private static func entry(_ name: String) -> String {
        #"{"ARN":"\#(arn(name))","CreatedDate":1.7604E9,"LastAccessedDate":1.7612E9,"LastChangedDate":1.7605E9,"#
            + #""Name":"\#(name)","SecretVersionsToStages":{"11f6a7c0-5b1d-4a3e-9c55-0123456789ab":["AWSCURRENT"]},"#
            + #""Tags":[{"Key":"team","Value":"payments"}]}"#
    }

    private static func arn(_ name: String) -> String {
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:\(name)-AbCdEf"
    }
}
