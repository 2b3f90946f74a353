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
        var members = Array(event.metadata ?? [:])
        for member in metadata where !members.contains(where: { $0.key == member.key }) { members.append(member) }
        members.sort { $0.key < $1.key }
        var line = "{\"time\":\""
        // Every request comes by here: one text that grows, in place of a document of many.
        line.reserveCapacity(320)
        line += TimeText.text(clock.now())
        line += "\",\"level\":\""
        line += event.level.rawValue
        line += "\",\"message\":"
        JSON.append(event.message.description, to: &line)
        for (key, value) in members {
            line += ","
            JSON.append(key, to: &line)
            line += ":"
            Self.append(value, to: &line)
        }
        line += "}\n"
        // A log that cannot be written any more is no reason to stop answering.
        try? output.write(line)
    }

    private static func append(_ value: Logger.MetadataValue, to line: inout String) {
        switch value {
        case .string(let text): JSON.append(text, to: &line)
        case .stringConvertible(let value as Int): line += String(value)
        case .stringConvertible(let value): JSON.append(value.description, to: &line)
        case .array(let values): line += JSON.array(values.map { json($0) }).line
        case .dictionary: line += json(value).line
        }
    }

    private static func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): .text(text)
        case .stringConvertible(let value as Int): .integer(Int64(value))
        case .stringConvertible(let value): .text(value.description)
        case .array(let values): .array(values.map { json($0) })
        case .dictionary(let values): .object(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) })
        }
    }
}
