public import SecretMemory
public import SecretScopes

/// A text with references to secrets in it, such as a configuration file with `{{secrets/payments/api-key}}`.
///
/// What else stands between `{{` and `}}` is left as it is, since other programs fill that.
public struct SecretTemplate: Sendable {
    private struct Place {
        var reference: SecretReference
        var range: Range<Int>
        /// The file, the line and the column, for messages.
        var position: String
    }

    private let contents: SecretBytes
    private let places: [Place]

    /// Finds the references.
    ///
    /// - Parameter file: The text's name in messages.
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when one of them cannot be read, or when
    ///   something was probably meant to be one.
    public init(_ contents: SecretBytes, file: String) throws(ScopeError) {
        self.contents = contents
        places = try contents.withBytes { bytes throws(ScopeError) in
            try bytes.withUnsafeBytes { bytes throws(ScopeError) in try Self.places(in: bytes, file: file) }
        }
    }

    /// The text with the values in the places of the references. Each secret is read once.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` that names the place and the reference; see
    ///   ``SecretReferenceResolver/resolve(_:)-(SecretReference)``.
    public func fill(with resolver: SecretReferenceResolver, in pool: SecretPool) async throws -> SecretBytes {
        var values: [SecretReference: SecretBytes] = [:]
        for place in places where values[place.reference] == nil {
            do {
                values[place.reference] = try await resolver.resolve(place.reference)
            } catch let error as ScopeError {
                throw ScopeError(error.code, "\(place.position): \(error.message)")
            }
        }
        var filled = SecretBuffer(in: pool)
        var end = 0
        for place in places {
            contents.withBytes { filled.append($0.extracting(end..<place.range.lowerBound)) }
            values[place.reference]?.withBytes { filled.append($0) }
            end = place.range.upperBound
        }
        contents.withBytes { filled.append($0.extracting(end..<contents.count)) }
        return filled.finish()
    }

    private static func places(in bytes: UnsafeRawBufferPointer, file: String) throws(ScopeError) -> [Place] {
        var places: [Place] = []
        var line = 1
        var lineStart = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") {
                line += 1
                lineStart = index + 1
            }
            guard isPair(UInt8(ascii: "{"), at: index, in: bytes) else {
                index += 1
                continue
            }
            let position = "\(file):\(line):\(index - lineStart + 1)"
            let rest = bytes[index..<min(index + longestReference, bytes.count)]
            let lineEnd = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let end = (index + 2..<max(index + 2, lineEnd)).first { isPair(UInt8(ascii: "}"), at: $0, in: bytes) }
            guard let end else {
                let start = String(decoding: rest.prefix(prefix.utf8.count), as: UTF8.self)
                guard start != prefix else {
                    throw ScopeError(
                        .invalidParameterValue,
                        "\(position): A reference does not end. Write {{secrets/<scope>/<key>}}.")
                }
                index += 1
                continue
            }
            let text = String(decoding: bytes[index..<end + 2], as: UTF8.self)
            guard let reference = SecretReference(text) else {
                try checkNothingIsMeant(by: text, at: position)
                index += 1
                continue
            }
            guard !reference.candidates.isEmpty else {
                throw ScopeError(
                    .invalidParameterValue,
                    "\(position): The reference \(reference) cannot be read. Write {{secrets/<scope>/<key>}}.")
            }
            places.append(Place(reference: reference, range: index..<end + 2, position: position))
            index = end + 2
        }
        return places
    }

    private static let prefix = "{{secrets/"
    /// More than two names of 128 bytes can take, so that looking for an end takes no longer in a line without one.
    private static let longestReference = 512

    /// A misspelt reference that stayed in a file would be taken for the value.
    private static func checkNothingIsMeant(by text: String, at position: String) throws(ScopeError) {
        let inner = text.dropFirst(2).dropLast(2).drop { $0 == " " || $0 == "\t" }.lowercased()
        guard inner.hasPrefix("secrets/") || inner.hasPrefix("secret/"),
            let intended = SecretReference.intended(by: text)
        else { return }
        throw ScopeError(.invalidParameterValue, "\(position): \(text) is no reference. Did you mean \(intended)?")
    }

    private static func isPair(_ byte: UInt8, at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        index + 1 < bytes.count && bytes[index] == byte && bytes[index + 1] == byte
    }
}
