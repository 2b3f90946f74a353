import Redaction
import SecretMemory
import Testing

/// What is known of a value that is structured: its secret parts, and not its user names, hosts and ports.
struct StructureTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var rule: String
        var value: String
        var hidden: [String]
        var shown: [String]
        var testDescription: String { rule }
    }

    static let rows = [
        Row(
            rule: "the password of a URL",
            value: "postgres://billing:Zr8kq2VtY7mL@db.example:5432/prod?sslmode=require",
            hidden: ["Zr8kq2VtY7mL"],
            shown: ["billing", "db.example", "5432", "db.example:5432/prod", "sslmode=require", "postgres://"]
        ),
        Row(
            rule: "a percent-encoded password of a URL, as it is written and as it is meant",
            value: "amqp://bill:p%40ss%2Fword1@mq:5672",
            hidden: ["p%40ss%2Fword1", "p@ss/word1"],
            shown: ["bill", "mq:5672"]
        ),
        Row(
            rule: "a password that holds what ends one",
            value: "mysql://root:p@ss:word9@h/x",
            hidden: ["p@ss:word9"],
            shown: ["root", "mysql"]
        ),
        Row(
            rule: "what a query of a URL says",
            value: "https://acc.blob.example/c?sv=2025-01-05&sig=aB3%2Fx9Qk&se=2026-12-01",
            hidden: ["aB3%2Fx9Qk", "aB3/x9Qk"],
            shown: ["2025-01-05", "2026-12-01", "acc.blob.example"]
        ),
        Row(
            rule: "strings and numbers of a JSON object by their names",
            value: #"""
                {"username": "admin-7", "password": "s3cr\u0065t\/\"x", "host": "db-1.example", "port": 54321,
                 "pin": 918273, "retries": 333333, "nested": {"apiKey": ["k1-abcdef", "k2-abcdef"], "enabled": true},
                 "token_uri": "https://auth.example/token", "session_id": "0a1b2c3d", "client_id": "client-12345"}
                """#,
            hidden: [#"s3cret/"x"#, "918273", "k1-abcdef", "k2-abcdef", "0a1b2c3d"],
            shown: ["admin-7", "db-1.example", "54321", "333333", "https://auth.example/token", "client-12345"]
        ),
        Row(
            rule: "a string of JSON with a name that tells nothing, if it looks like a secret",
            value: #"{"stripe": "sk_live_4eC39HqLyjWD", "motto": "early birds catch worms", "color": "ultramarine"}"#,
            hidden: ["sk_live_4eC39HqLyjWD"],
            shown: ["early birds catch worms", "ultramarine", "stripe"]
        ),
        Row(
            rule: "lines of KEY=VALUE by their keys",
            value: """
                # made by hand
                export DB_PASSWORD='q7Rk2 live'
                DB_USER=billing
                DB_HOST="db.example"
                API_TOKEN=tok_9XbT4mW8

                DATABASE_URL=postgres://u:Vx71pQ2z@db.example/prod
                """,
            hidden: ["q7Rk2 live", "tok_9XbT4mW8"],
            shown: ["billing", "db.example", "DB_HOST"]
        ),
        Row(
            rule: "pairs between semicolons",
            value: "Server=tcp:sql.example,1433;User Id=app;Password=W8zLp5!q;Encrypt=true;AccountKey=bG9uZ2tleQ==",
            hidden: ["W8zLp5!q", "bG9uZ2tleQ=="],
            shown: ["tcp:sql.example,1433", "app", "true"]
        ),
        Row(
            rule: "a private key in PEM, without its line breaks",
            value: """
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v
                VpguoRK9JLsLMREScVpe
                -----END PRIVATE KEY-----

                """,
            hidden: ["MC4CAQAwBQYDK2VwBCIEIJ1hsZ3vVpguoRK9JLsLMREScVpe"],
            shown: []
        ),
        Row(
            rule: "what has no structure has no parts",
            value: "{not json: password=hunter22",
            hidden: [],
            shown: ["hunter22", "password"]
        ),
    ]

    @Test(arguments: rows)
    func secretPartsAreRedactedAndOthersAreNot(row: Row) throws {
        let redactor = try Redactor([row.value], level: .literal)
        for text in row.hidden { #expect(redactor.redact("<\(text)>") == "<[REDACTED]>", "\(text)") }
        for text in row.shown { #expect(redactor.redact("<\(text)>") == "<\(text)>") }
    }

    @Test
    func partsOfPartsAreParts() throws {
        let pem = #"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBa2\nJrQ9xQ2k\n-----END EC PRIVATE KEY-----\n"#
        let redactor = try Redactor(
            [#"{"url": "x", "db_secret": "redis://:Vx71pQ2z@cache:6379/0", "private_key": "\#(pem)"}"#], level: .literal
        )
        #expect(redactor.redact("<Vx71pQ2z> <cache:6379>") == "<[REDACTED]> <cache:6379>")
        #expect(redactor.redact("<MHcCAQEEIBa2JrQ9xQ2k>") == "<[REDACTED]>")
    }

    @Test
    func partsAreKnownInAllFormsOfTheLevel() throws {
        let redactor = try Redactor(["postgres://billing:Zr8kq2VtY7mL@db/prod"], level: .strict)
        #expect(redactor.redact("WnI4a3EyVnRZN21M Lm7YtV2qk8rZ") == "[REDACTED] [REDACTED]")
    }

    /// A weak part counts as a weak value does.
    @Test
    func weakPartsAreWholeWords() throws {
        let redactor = try Redactor(["ftp://me:test@files.example/"], level: .encoded)
        #expect(redactor.redact("test contest") == "[REDACTED] contest")
    }

    @Test
    func reportsTellThatItIsAPart() throws {
        let pool = SecretPool()
        let redactor = Redactor(pool: pool)
        try redactor.add(SecretBytes(Array("postgres://billing:Zr8kq2VtY7mL@db/prod".utf8), in: pool), name: "a/b")
        var stream = redactor.makeStream(reporting: true)
        stream.feed(Array("Zr8kq2VtY7mL".utf8).span.bytes) { _ in }
        stream.finish { _ in }
        #expect(stream.report?.entries.map(\.form) == ["password in a URL"])
    }
}
