/// Words that stand in ordinary output so often that redacting them inside other words would damage it.
///
/// A bad password that nobody writes for another reason, such as `letmein`, is not here: it can be redacted anywhere.
/// Words of fewer than 4 bytes are not here either, since no value that short is redacted.
enum CommonWords {
    private static let words = [
        // Literals and placeholders of programming and configuration languages.
        "array", "bool", "boolean", "bytes", "char", "disable", "disabled", "double", "empty", "enable", "enabled",
        "false", "float", "infinity", "integer", "json", "list", "missing", "none", "null", "nullptr", "number",
        "object", "optional", "required", "string", "text", "true", "undefined", "unknown", "unset", "utf-8", "utf8",
        "value", "values", "void", "yaml",
        // What a value is replaced by before somebody sets it.
        "change", "change-me", "change_me", "changeit", "changeme", "default", "demo", "dummy", "example", "examples",
        "fake", "fixme", "foobar", "placeholder", "redacted", "replace-me", "replaceme", "sample", "temp", "temporary",
        "test", "tested", "tester", "testing", "tests", "todo", "your-password", "yourpassword",
        // Who logs in, and with what.
        "access", "account", "accounts", "admin", "administrator", "admins", "anonymous", "apikey", "auth", "basic",
        "bearer", "certificate", "credential", "credentials", "database", "email", "everyone", "group", "guest",
        "identity", "login", "member", "name", "nobody", "oauth", "operator", "owner", "pass", "passphrase", "passwd",
        "password", "passwords", "principal", "private", "public", "read", "readonly", "reader", "role", "root",
        "secret", "secretkey", "secrets", "session", "superuser", "support", "sysadmin", "token", "tokens", "user",
        "username", "users", "welcome", "write", "writer",
        // Where things run.
        "beta", "client", "cloud", "cluster", "debug", "deploy", "deployment", "dev1", "develop", "developer",
        "development", "domain", "error", "external", "fatal", "global", "home", "host", "hostname", "info",
        "internal", "latest", "live", "local", "localdomain", "localhost", "main", "master", "node", "preprod",
        "primary", "prod", "production", "proxy", "region", "release", "remote", "replica", "sandbox", "scope",
        "server", "service", "services", "stable", "stage", "staging", "standard", "system", "trace", "warn",
        "warning", "worker", "workspace",
        // Systems that are installed under an account of their own name.
        "amazon", "apache", "azure", "cassandra", "consul", "databricks", "docker", "elastic", "elasticsearch",
        "github", "gitlab", "google", "grafana", "hadoop", "hive", "http", "https", "hush", "jenkins", "kafka",
        "kibana", "kubernetes", "ldap", "linux", "mariadb", "microsoft", "minio", "mongo", "mongodb", "mssql",
        "mysql", "nginx", "oracle", "postgres", "postgresql", "python", "rabbitmq", "redis", "snowflake", "spark",
        "sqlite", "sqlserver", "swift", "ubuntu", "vault", "windows",
    ]

    private static let wordsByCount = Dictionary(grouping: words.map { Array($0.utf8) }, by: \.count)

    /// Whether `text` is one of the words, whatever the case of its ASCII letters.
    static func contains(_ text: RawSpan) -> Bool {
        let candidates = wordsByCount[text.byteCount] ?? []
        return candidates.contains { word in
            for position in word.indices {
                guard text[byte: position].lowercased == word[position] else { return false }
            }
            return true
        }
    }
}
