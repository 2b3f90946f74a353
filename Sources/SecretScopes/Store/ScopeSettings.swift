/// What a scope's row says beside its columns.
///
/// ```
/// nothing at all: every setting has its first value
/// 1 format · 1 minimum redaction
/// ```
struct ScopeSettings: Hashable {
    private static let format: UInt8 = 1

    /// The least redaction of the scope's values.
    var minimumRedaction = MinimumRedaction.literal

    init() {}

    /// Reads the settings of a row.
    ///
    /// - Throws: ``ScopeError`` when they are written in a form that a later program made.
    init(of row: ScopeRow) throws(ScopeError) {
        guard !row.settings.isEmpty else { return }
        var reader = ByteReader(row.settings)
        do {
            guard
                try reader.readByte() == Self.format,
                let minimum = MinimumRedaction(rawValue: try reader.readByte()),
                reader.isAtEnd
            else { throw MalformedBytes() }
            minimumRedaction = minimum
        } catch {
            throw ScopeError(
                .invalidState,
                "The settings of scope \(row.name) were written by a newer program than this one. Use that one.")
        }
    }

    /// The form that stands in the row.
    var bytes: [UInt8] {
        guard self != ScopeSettings() else { return [] }
        var writer = ByteWriter()
        writer.writeByte(Self.format)
        writer.writeByte(minimumRedaction.rawValue)
        return writer.bytes
    }
}
