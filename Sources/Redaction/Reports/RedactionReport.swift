/// What a stream has redacted: which secret, in which form, how often, and on which lines. Never a value.
///
/// An occurrence inside another one does not count.
public struct RedactionReport: Sendable, Hashable {
    /// The occurrences of one form of one secret.
    public struct Entry: Sendable, Hashable {
        /// What the secret was called when it was added, such as `payments/api-key`.
        public var name: String?
        /// How the value was written, such as `base64`; `literal` for the value itself.
        public var form: String
        /// How often it occurred.
        public var count: Int
        /// The lines of the input on which the first occurrences began, from 1 on, each once; at most
        /// ``RedactionReport/maximumLineCount``.
        public var lines: [Int]
    }

    /// The most lines that an entry keeps.
    public static let maximumLineCount = 16
    /// The most entries that a report keeps.
    public static let maximumEntryCount = 10_000

    /// One for each form of each secret that occurred, in the order of their first occurrence.
    public private(set) var entries: [Entry] = []
    /// The number of all occurrences, those without an entry of their own among them.
    public private(set) var count = 0

    private struct Key: Hashable {
        var name: String?
        var form: String
    }

    private var positions: [Key: Int] = [:]

    /// A report of nothing.
    public init() {}

    /// Adds what `other` says, for a total over several streams. Lines stay those of their own streams.
    public mutating func merge(_ other: RedactionReport) {
        count += other.count - other.entries.reduce(0) { $0 + $1.count }
        for entry in other.entries { add(entry) }
    }

    mutating func add(_ form: FormLabel, line: Int) {
        add(Entry(name: form.secret, form: form.name, count: 1, lines: [line]))
    }

    private mutating func add(_ entry: Entry) {
        count += entry.count
        let key = Key(name: entry.name, form: entry.form)
        guard let position = positions[key] else {
            guard entries.count < Self.maximumEntryCount else { return }
            positions[key] = entries.count
            entries.append(entry)
            return
        }
        entries[position].count += entry.count
        for line in entry.lines where entries[position].lines.count < Self.maximumLineCount {
            if !entries[position].lines.contains(line) { entries[position].lines.append(line) }
        }
    }
}

/// What a form is called in a report.
struct FormLabel: Sendable {
    /// The name of the secret, if it was given one.
    var secret: String?
    /// The name of the form.
    var name: String

    /// What an occurrence of this form is called that is written in a special way.
    func with(_ way: String) -> FormLabel {
        FormLabel(secret: secret, name: name == Self.literal ? way : "\(name), \(way)")
    }

    /// The name of the form that is the value itself.
    static let literal = "literal"
}
