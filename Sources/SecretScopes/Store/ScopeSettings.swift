/// What a scope's row says beside its columns.
///
/// ```
/// nothing at all: every setting has its first value
/// 1 format · 1 minimum redaction
/// 2 format · 1 minimum redaction · what the scope is linked to
/// ```
struct ScopeSettings: Hashable {
    private static let nativeFormat: UInt8 = 1
    private static let linkedFormat: UInt8 = 2

    /// The least redaction of the scope's values.
    var minimumRedaction = MinimumRedaction.literal
    /// What the scope is linked to; `nil` when it is native.
    var link: ScopeLink?

    init() {}

    /// Reads the settings of a row.
    ///
    /// - Throws: ``ScopeError`` when they are written in a form that a later program made.
    init(of row: ScopeRow) throws(ScopeError) {
        guard !row.settings.isEmpty else { return }
        var reader = ByteReader(row.settings)
        do {
            let format = try reader.readByte()
            guard
                format == Self.nativeFormat || format == Self.linkedFormat,
                let minimum = MinimumRedaction(rawValue: try reader.readByte())
            else { throw MalformedBytes() }
            minimumRedaction = minimum
            if format == Self.linkedFormat { link = try ScopeLink(from: &reader) }
            guard reader.isAtEnd else { throw MalformedBytes() }
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
        writer.writeByte(link == nil ? Self.nativeFormat : Self.linkedFormat)
        writer.writeByte(minimumRedaction.rawValue)
        link?.write(to: &writer)
        return writer.bytes
    }
}
