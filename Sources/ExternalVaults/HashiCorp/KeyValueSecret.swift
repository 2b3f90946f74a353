internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// A secret of a key-value engine: a map of fields, in the answer that it came in.
struct KeyValueSecret {
    /// Which version it is; `nil` for engines that keep none.
    let version: Int64?
    /// When the version was made.
    let created: Timestamp?
    /// When the version will be deleted, or was.
    let deleted: Timestamp?
    private let body: SecretBytes
    private let data: JSONValue
    private let members: [String: JSONValue]

    /// Reads an answer.
    ///
    /// - Throws: ``VaultFailure``: `deletedRecoverably` or `destroyed` for a version without a value, `notUnderstood`.
    init(_ answer: VaultAnswer, of engine: KeyValueEngine) throws(VaultFailure) {
        let read = try answer.reading { fields, bytes throws(VaultFailure) -> Reading? in
            guard engine.isVersioned else {
                return Self.reading(fields["data"], nil, bytes)
            }
            guard
                let outer = fields.fields("data", in: bytes), let metadata = outer.fields("metadata", in: bytes),
                metadata.integer("version", in: bytes) != nil
            else { return nil }
            // Both come with a status of 404, and tell of a version that is there.
            if metadata.isTrue("destroyed") { throw VaultFailure(.destroyed) }
            if outer["data"] == nil {
                guard metadata.text("deletion_time", in: bytes).map({ !$0.isEmpty }) ?? false else { return nil }
                throw VaultFailure(.deletedRecoverably)
            }
            return Self.reading(outer["data"], metadata, bytes)
        }
        self.body = answer.body
        self.data = read.data
        self.members = read.members
        self.version = read.version
        self.created = read.created
        self.deleted = read.deleted
    }

    private struct Reading {
        var data: JSONValue
        var members: [String: JSONValue]
        var version: Int64?
        var created: Timestamp?
        var deleted: Timestamp?
    }

    private static func reading(_ data: JSONValue?, _ metadata: JSONFields?, _ bytes: RawSpan) -> Reading? {
        guard let data, let members = (try? data.members(in: bytes)) ?? nil else { return nil }
        func time(_ name: String) -> Timestamp? {
            metadata?.text(name, in: bytes).flatMap { TimeText.timestamp($0, now: Timestamp(rawValue: 0)) }
        }
        return Reading(
            data: data, members: members, version: metadata?.integer("version", in: bytes),
            created: time("created_time"), deleted: time("deletion_time"))
    }

    /// The names of its fields.
    var names: [String] { members.keys.sorted() }

    /// A field: a text as it is, anything else as JSON without white space; `nil` when there is none.
    func field(_ name: String, pool: SecretPool) -> SecretBytes? {
        guard let value = members[name] else { return nil }
        return body.withBytes { bytes in
            value.secret(in: bytes, pool: pool) ?? Self.compact(bytes.extracting(value.range), pool)
        }
    }

    /// All fields, as JSON without white space.
    func whole(pool: SecretPool) -> SecretBytes {
        body.withBytes { Self.compact($0.extracting(data.range), pool) }
    }

    /// Appends the fields but those of `names`, as members of an object, to a buffer; with a comma behind each.
    func appendFields(except names: Set<String>, to buffer: inout SecretBuffer) {
        body.withBytes { bytes in
            for name in self.names where !names.contains(name) {
                guard let value = members[name] else { continue }
                buffer.appendJSONString(name)
                buffer.append(text: ":")
                let isText = value.kind == .string
                // A text's range is what stands between its quotation marks.
                let range = isText ? value.range.lowerBound - 1..<value.range.upperBound + 1 : value.range
                buffer.append(bytes.extracting(range))
                buffer.append(text: ",")
            }
        }
    }

    private static func compact(_ json: RawSpan, _ pool: SecretPool) -> SecretBytes {
        var compact = SecretBuffer(in: pool)
        var isInText = false
        var isEscaped = false
        for position in 0..<json.byteCount {
            let byte = json.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            if isInText {
                if byte == UInt8(ascii: "\""), !isEscaped { isInText = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            } else {
                // White space, of which JSON has four kinds.
                if byte == 0x20 || (0x09...0x0D).contains(byte) { continue }
                if byte == UInt8(ascii: "\"") { isInText = true }
            }
            compact.append(byte)
        }
        return compact.finish()
    }
}
