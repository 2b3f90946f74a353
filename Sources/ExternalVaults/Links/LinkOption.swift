/// One option of a link: its name, what values it takes, and what it is for. The command line's help, the schema of
/// manifests and the documentation are made from it.
package struct LinkOption: Sendable, Hashable {
    /// The values that an option takes.
    package enum Kind: Sendable, Hashable {
        /// Any text that is not empty.
        case text
        /// `true` or `false`.
        case truth
        /// A whole number in a range.
        case number(ClosedRange<Int>)
        /// A time such as `500ms`, `30s`, `5m` or `1h`, in a range of seconds.
        case duration(ClosedRange<Int>)
        /// One of some words.
        case choice([String])
        /// The absolute path of a file.
        case path
        /// An `https` address, or an `http` one of this machine.
        case address
    }

    /// The name.
    package var name: String
    /// The values that it takes.
    package var kind: Kind
    /// What it is for, in half a sentence.
    package var purpose: String

    package init(_ name: String, _ kind: Kind, _ purpose: String) {
        self.name = name
        self.kind = kind
        self.purpose = purpose
    }

    /// The options that every link takes.
    package static let common: [LinkOption] = [
        LinkOption("prefix", .text, "what every name in the vault begins with, left out of the keys"),
        LinkOption("names", .choice(["identity", "escaped"]), "whether keys are names as they are, or escaped"),
        LinkOption("writable", .truth, "whether values can be put and deleted through the link"),
        LinkOption("cache", .duration(0...86_400), "how long a value may be served from memory"),
        LinkOption(
            "stale-if-unreachable", .duration(0...86_400),
            "how long after that it may still be served when the vault cannot be reached"),
        LinkOption("expiry", .choice(["warn", "deny"]), "what to do with a value whose time is over in the vault"),
        LinkOption("field", .text, "the field of a JSON value to read, as a JSON pointer such as #/password"),
        LinkOption("timeout", .duration(1...120), "how long one read may take"),
        LinkOption("rate-limit", .number(1...100_000), "the most requests to the vault in a second"),
        LinkOption(
            "ca-file", .path, "the certificates, in PEM form, of those whom to trust instead of the system's own"),
    ]

    /// What a value must be, in words that complete "must be …".
    package var wanted: String {
        switch kind {
        case .text: "a text"
        case .truth: "true or false"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range): "a time such as 30s or 5m, from \(range.lowerBound) to \(range.upperBound) seconds"
        case .choice(let words): words.joined(separator: " or ")
        case .path: "the absolute path of a file"
        case .address: "an address that begins with https://"
        }
    }

    /// Whether the option takes `text`.
    package func accepts(_ text: String) -> Bool {
        switch kind {
        case .text: !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        case .truth: text == "true" || text == "false"
        case .number(let range): Int(text).map(range.contains) ?? false
        case .duration(let range):
            Duration(linkOption: text).map {
                $0 >= .seconds(range.lowerBound) && $0 <= .seconds(range.upperBound)
            } ?? false
        case .choice(let words): words.contains(text)
        case .path: text.hasPrefix("/") && text.count > 1 && !text.utf8.contains(0)
        case .address: LinkURL(text).map { $0.isWebAddress && ($0.scheme == "https" || $0.isLoopback) } ?? false
        }
    }
}

extension Duration {
    /// Reads a time such as `500ms`, `30s`, `5m`, `1h` or `0`.
    package init?(linkOption text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), digits.count <= 9 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(count)
        case "s": self = .seconds(count)
        case "m": self = .seconds(count * 60)
        case "h": self = .seconds(count * 3600)
        case "" where count == 0: self = .zero
        default: return nil
        }
    }
}
