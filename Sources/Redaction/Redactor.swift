public import SecretMemory
import Synchronization

/// The values that must not show in any output of a run.
///
/// One redactor serves all the streams of a run, each of which is a ``RedactionStream``. It knows each value by its
/// *forms*: the value's own bytes, and for a value with line breaks also each of its lines of at least 8 bytes, and the
/// value with its line ends converted between LF and CRLF; of a value that is structured (``ValueStructures``) also its
/// secret parts. Every occurrence of a form in the input is replaced by
/// ``replacement``: occurrences that overlap by one, adjacent ones by one each. Everything else passes byte for byte,
/// whatever the encoding.
///
/// Values that are everyday words, and derived forms that are short, count only as whole words; see ``ValueStrength``.
/// A derived form is short when it, or its value, has fewer than 8 bytes.
///
/// How many forms of a value it looks for is the matter of its ``RedactionLevel``. It must not be put between a program
/// and its data, which would be damaged.
///
/// ```swift
/// let pool = SecretPool()
/// let redactor = Redactor(pool: pool)
/// try redactor.add(SecretBytes(copying: Array("hunter22".utf8).span.bytes, in: pool))
///
/// var output: [UInt8] = []
/// var stream = redactor.makeStream()
/// for chunk in ["the password is hun", "ter22, keep it\n"] {
///     stream.feed(Array(chunk.utf8).span.bytes) { span in
///         span.withUnsafeBytes { output.append(contentsOf: $0) }
///     }
/// }
/// stream.finish { span in
///     span.withUnsafeBytes { output.append(contentsOf: $0) }
/// }
/// // The output is now "the password is [REDACTED], keep it\n".
/// ```
///
/// All methods may be called from any thread. The forms are copied into locked memory of the pool where they are not
/// the value itself, and zeroed with the last stream that looks for them.
public final class Redactor: Sendable {
    /// What stands in the output for a covered part of the input.
    public static let replacement = "[REDACTED]"
    /// The most bytes that the forms of all values may have together: 256 MiB.
    public static let maximumFormByteCount = 256 * 1024 * 1024

    /// The level at which values are redacted that are not added with a higher one.
    public let level: RedactionLevel
    private let pool: SecretPool
    private let known = Mutex(KnownValues())
    private let latest: Mutex<SearchIndex>

    /// Creates a redactor that knows no value yet and takes its memory from `pool`.
    public init(level: RedactionLevel = .encoded, pool: SecretPool) {
        self.level = level
        self.pool = pool
        self.latest = Mutex(SearchIndex(in: pool))
    }

    /// The number of values that it redacts.
    public var valueCount: Int {
        known.withLock { $0.valueCount }
    }

    /// Makes a value known. Every byte that is fed to a stream after that counts, and so does what streams hold back.
    ///
    /// Adding a value that is known already changes nothing, unless its level is higher now.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - name: What reports call it, such as `payments/api-key`. It stands in output.
    ///   - level: The level for this value, where it is higher than that of the redactor.
    /// - Returns: How far the value can be redacted; a value that is ``ValueStrength/tooShort`` is not taken.
    /// - Throws: ``RedactionError`` when there are ``RedactionLevel/maximumValueCount`` values already, or the forms of
    ///   all values would take more than ``maximumFormByteCount``.
    @discardableResult
    public func add(
        _ value: SecretBytes,
        name: String? = nil,
        level: RedactionLevel? = nil
    ) throws(RedactionError) -> ValueStrength {
        let strength = ValueStrength(of: value)
        guard strength != .tooShort else { return strength }
        let level = max(self.level, level ?? self.level)
        let forms = KnownForm.forms(
            of: value,
            label: FormLabel(secret: name, name: FormLabel.literal),
            level: level,
            in: pool
        )
        try known.withLock { known throws(RedactionError) in
            try known.add(value, level: level, forms: forms)
        }
        return strength
    }

    /// A stream that redacts the values known now and those added later.
    ///
    /// - Parameter isReporting: Whether the stream keeps a ``RedactionStream/report``, which costs a look at every byte.
    public func makeStream(reporting isReporting: Bool = false) -> RedactionStream {
        RedactionStream(of: self, index: index, isReporting: isReporting)
    }

    /// The index of all values known now.
    var index: SearchIndex {
        latest.withLock { latest in
            let forms = known.withLock { $0.forms }
            if forms.count > latest.knownFormCount {
                latest = SearchIndex(extending: latest, to: forms, in: pool)
            }
            return latest
        }
    }

    /// The index of all values known now, unless `index` is that already.
    func index(newerThan index: SearchIndex) -> SearchIndex? {
        let count = known.withLock { $0.forms.count }
        return count > index.knownFormCount ? self.index : nil
    }
}
