import Logging
import SecretScopes

/// Writes what a server logs as one JSON object per line.
struct JSONLogHandler: LogHandler {
    let output: TextOutput
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    private let clock = SystemWallClock()

    init(output: TextOutput) {
        self.output = output
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let given = event.metadata ?? [:]
        let all = metadata.isEmpty ? given : metadata.merging(given) { $1 }
        var line = "{\"time\":\""
        line.reserveCapacity(256)
        line += TimeText.text(clock.now())
        line += "\",\"level\":\""
        line += event.level.rawValue
        line += "\",\"message\":"
        line += JSON.quoted(event.message.description)
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += ","
            line += JSON.quoted(key)
            line += ":"
            line += Self.json(value).line
        }
        line += "}\n"
        // A log that cannot be written any more is no reason to stop answering.
        try? output.write(line)
    }

    private static func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): .text(text)
        case .stringConvertible(let value):
            (value as? any BinaryInteger).map { .integer(Int64(clamping: $0)) } ?? .text(value.description)
        case .array(let values): .array(values.map { json($0) })
        case .dictionary(let values): .object(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) })
        }
    }
}
