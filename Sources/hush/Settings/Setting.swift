import Configuration

/// Everything that can be set in the settings' file.
enum Setting: String, CaseIterable, Sendable {
    case listen
    case tlsCertificate = "tls-cert"
    case tlsKey = "tls-key"
    case insecureHTTP = "insecure-http"
    case publicURL = "public-url"
    case rateLimit = "rate-limit"
    case trustedProxies = "trusted-proxies"
    case linkedPrograms = "programs"
    case linkedDirectories = "directories"
    case linkedHosts = "hosts"

    /// The part of the file that it stands in.
    var section: String {
        switch self {
        case .listen, .tlsCertificate, .tlsKey, .insecureHTTP, .publicURL, .rateLimit, .trustedProxies: "server"
        case .linkedPrograms, .linkedDirectories, .linkedHosts: "links"
        }
    }

    /// Its name in the file.
    var key: AbsoluteConfigKey { AbsoluteConfigKey([section, rawValue]) }
    /// The option that sets it on the command line.
    var option: String { "--" + rawValue }
    /// The environment variable that sets it.
    var variable: String {
        (section == "links" ? "HUSH_LINKED_" : "HUSH_") + rawValue.uppercased().replacing("-", with: "_")
    }

    /// The type of its value.
    var type: ConfigType {
        switch self {
        case .listen, .tlsCertificate, .tlsKey, .publicURL, .trustedProxies: .string
        case .insecureHTTP: .bool
        case .rateLimit: .int
        case .linkedPrograms, .linkedDirectories, .linkedHosts: .stringArray
        }
    }

    /// What its value must be, in words.
    var wanted: String {
        switch type {
        case .bool: "true or false"
        case .int: "a whole number"
        case .stringArray: "a list of texts"
        default: "one text"
        }
    }

    /// The settings of a section, by their names in the file.
    static func all(in section: String) -> [String] {
        allCases.filter { $0.section == section }.map(\.rawValue)
    }
}
