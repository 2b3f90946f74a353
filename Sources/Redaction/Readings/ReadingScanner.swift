/// Looks for values in all readings of a stream.
struct ReadingScanner {
    private var readers = Readers()
    private var signs = ReadingSigns()

    /// A scanner of what begins at `position` or behind it.
    init(from position: Int) {
        restart(at: position)
    }

    /// Reads the fresh bytes of a window, after the search for plain forms.
    ///
    /// - Returns: No occurrence that is still to come begins before this position.
    mutating func scan(
        _ window: InputWindow,
        for forms: ReadableForms,
        from starts: FormStarts,
        reach: Int,
        besides stretches: PlainStretches,
        into coverage: inout Coverage
    ) -> Int {
        signs.find(in: window, for: forms, besides: starts)
        return forms.withTables { tables, grams in
            var scan = Scan(
                window: window, forms: forms, tables: tables, grams: grams, signs: signs, reach: reach,
                stretches: stretches, coverage: coverage
            )
            // The scan has it for itself meanwhile.
            coverage = Coverage()
            readers.forEach(&scan)
            coverage = scan.coverage
            return scan.holdStart
        }
    }

    /// No occurrence that is still to come begins before this position, but for those of which fewer than `minimum` bytes
    /// of a form are there.
    mutating func holdStart(for forms: ReadableForms, ofAtLeast minimum: Int) -> Int {
        forms.withTables { tables, _ in
            var hold = Hold(tables: tables, minimum: minimum)
            readers.forEach(&hold)
            return hold.start
        }
    }

    /// What begins before `position` counts no longer, and what begins after it has not been seen yet.
    mutating func restart(at position: Int) {
        var restart = Restart(position: position)
        readers.forEach(&restart)
    }

    private struct Scan: ReaderVisitor {
        let window: InputWindow
        let forms: ReadableForms
        let tables: AutomatonTables
        let grams: GramBitmap?
        let signs: ReadingSigns
        let reach: Int
        let stretches: PlainStretches
        var coverage: Coverage
        var holdStart = Int.max

        mutating func visit<R: Reader>(_ reader: inout R, name: ReaderName) {
            let context = ReadingContext(
                window: window, tables: tables, occurring: forms.occurring, grams: grams, plainReach: reach,
                stretches: stretches, finder: .reading(name)
            )
            reader.scan(signs, in: context, into: &coverage)
            holdStart = min(holdStart, reader.holdStart(in: tables, ofAtLeast: 0))
        }
    }

    private struct Hold: ReaderVisitor {
        let tables: AutomatonTables
        let minimum: Int
        var start = Int.max

        mutating func visit<R: Reader>(_ reader: inout R, name: ReaderName) {
            start = min(start, reader.holdStart(in: tables, ofAtLeast: minimum))
        }
    }

    private struct Restart: ReaderVisitor {
        let position: Int

        mutating func visit<R: Reader>(_ reader: inout R, name: ReaderName) {
            reader.restart(at: position)
        }
    }
}

/// What reports call what a reader finds.
enum ReaderName: String {
    case base64
    case base32
    case hex
    case utf16 = "UTF-16"
    case hexList = "hex list"
    case decimalList = "decimal list"
    case percent = "percent-encoding"
    case form = "form encoding"
    case escapes
    case entities
    case quotedPrintable = "quoted-printable"
}

/// Does something with every reader of a stream, whatever its type.
protocol ReaderVisitor {
    mutating func visit<R: Reader>(_ reader: inout R, name: ReaderName)
}

/// The readers of a stream. Each has a type of its own, so that the compiler makes code for just this one.
struct Readers {
    private var base64 = RadixReader<Base64Alphabet>(kind: .base64)
    private var base32 = RadixReader<Base32Alphabet>(kind: .base32)
    private var hex = RadixReader<HexAlphabet>(kind: .hex)
    private var littleEndianUTF16 = UTF16Reader<LittleEndianUTF16Reading>(kind: .littleEndianUTF16)
    private var bigEndianUTF16 = UTF16Reader<BigEndianUTF16Reading>(kind: .bigEndianUTF16)
    private var hexList = ListReader<HexListReading>()
    private var decimalList = ListReader<DecimalListReading>()
    private var percent = EscapeReader<PercentReading>()
    private var form = EscapeReader<FormReading>()
    private var backslash = EscapeReader<BackslashReading>()
    private var characterBackslash = EscapeReader<CharacterBackslashReading>()
    private var entity = EscapeReader<EntityReading>()
    private var quotedPrintable = EscapeReader<QuotedPrintableReading>()

    @inline(__always)
    mutating func forEach<V: ReaderVisitor>(_ visitor: inout V) {
        visitor.visit(&base64, name: .base64)
        visitor.visit(&base32, name: .base32)
        visitor.visit(&hex, name: .hex)
        visitor.visit(&littleEndianUTF16, name: .utf16)
        visitor.visit(&bigEndianUTF16, name: .utf16)
        visitor.visit(&hexList, name: .hexList)
        visitor.visit(&decimalList, name: .decimalList)
        visitor.visit(&percent, name: .percent)
        visitor.visit(&form, name: .form)
        visitor.visit(&backslash, name: .escapes)
        visitor.visit(&characterBackslash, name: .escapes)
        visitor.visit(&entity, name: .entities)
        visitor.visit(&quotedPrintable, name: .quotedPrintable)
    }
}
