import SecretMemory

/// The forms that are looked for in readings of the input.
final class ReadableForms: Sendable {
    let automaton: Automaton
    /// The bytes that occur in the forms.
    let occurring: ByteSet
    /// The fewest bytes that a list of a form's bytes takes.
    let shortestListCount: Int
    /// The fewest that one takes in decimal.
    private let shortestDecimalCount: Int
    /// The number of bytes of the shortest form, and of all together.
    private let shortest: Int
    private let byteCount: Int
    /// A bitmap of all four bytes in a row of the forms.
    private let grams: SecretBytes
    private let gramSize: GramBitmap.Size

    /// The forms of `previous` and those that are `added`.
    init(extending previous: ReadableForms?, by added: [KnownForm], in pool: SecretPool) {
        let known = previous?.automaton.forms ?? []
        automaton = Automaton(extending: previous?.automaton, by: added, in: pool)
        var occurring = previous?.occurring ?? ByteSet()
        var shortestDecimalCount = previous?.shortestDecimalCount ?? .max
        var byteCount = previous?.byteCount ?? 0
        for form in added {
            form.bytes.withBytes { bytes in
                shortestDecimalCount = min(shortestDecimalCount, Self.decimalCount(of: bytes))
                byteCount += bytes.byteCount
                for position in 0..<bytes.byteCount { occurring.insert(bytes[byte: position]) }
            }
        }
        self.occurring = occurring
        self.shortestDecimalCount = shortestDecimalCount
        self.byteCount = byteCount
        shortest = added.reduce(previous?.shortest ?? .max) { min($0, $1.bytes.count) }
        shortestListCount = min(shortestDecimalCount, 2 * shortest)
        let size = GramBitmap.Size(gramCount: byteCount, sparseness: 32)
        gramSize = size
        grams = SecretBytes(count: size.byteCount, in: pool) { block in
            let fits = previous?.gramSize == size
            if fits { previous?.grams.withUnsafeBytes { block.copyMemory(from: $0) } }
            let bitmap = MutableGramBitmap(block, size: size)
            for form in fits ? added : known + added { bitmap.insertAll(of: form) }
        }
    }

    /// Lends the automaton's tables, and a set of all four bytes in a row of the forms; no set when there are
    /// forms of fewer than 7 bytes.
    func withTables<R>(_ body: (AutomatonTables, GramBitmap?) -> R) -> R {
        automaton.withTables { tables in
            grams.withUnsafeBytes { block in
                let bitmap = GramBitmap(block, size: gramSize)
                return body(tables, shortest >= 2 * StartFilter.gramSize - 1 ? bitmap : nil)
            }
        }
    }

    /// The fewest bytes that a list in decimal takes.
    private static func decimalCount(of form: RawSpan) -> Int {
        var decimalCount = form.byteCount - 1
        for position in 0..<form.byteCount {
            let byte = form[byte: position]
            // From 128 on it may be negative, with one digit.
            decimalCount += byte < 10 ? 1 : byte < 100 || byte >= 128 ? 2 : 3
        }
        return decimalCount
    }

    /// Whether enough bytes of the forms stand in a row in a stretch of list bytes.
    func mayBeListed(in list: UnsafeRawBufferPointer) -> Bool {
        guard hasRoom(in: list) else { return false }
        var decimalCount = 0
        var hexadecimalCount = 0
        var position = 0
        while position < list.count {
            guard list[position].isAlphanumeric else {
                position += 1
                continue
            }
            let start = position
            while position < list.count, list[position].isAlphanumeric { position += 1 }
            let word = UnsafeRawBufferPointer(rebasing: list[start..<position])
            let isNegative = start > 0 && list[start - 1] == UInt8(ascii: "-")
            decimalCount = isKnownInDecimal(word, isNegative: isNegative) ? decimalCount + 1 : 0
            if decimalCount >= shortest || isReached(&hexadecimalCount, inHexadecimal: word) { return true }
        }
        return false
    }

    /// Whether there are enough bytes for the shortest list in decimal, or digits for one in hexadecimal.
    @inline(__always)
    private func hasRoom(in list: UnsafeRawBufferPointer) -> Bool {
        list.count >= shortestDecimalCount || Self.alphanumericCount(in: list) >= 2 * shortest
    }

    /// The number of letters and digits in a stretch of ASCII, eight bytes at a time.
    @inline(__always)
    private static func alphanumericCount(in text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        var position = 0
        while position + 8 <= text.count {
            let bytes = text.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let lowercased = bytes | Self.each(0x20)
            // A sum sets the highest bit of a byte that is not less than what is missing to 0x80.
            let digits = (bytes &+ Self.each(0x80 - 0x30)) ^ (bytes &+ Self.each(0x80 - 0x3A))
            let letters = (lowercased &+ Self.each(0x80 - 0x61)) ^ (lowercased &+ Self.each(0x80 - 0x7B))
            count += ((digits | letters) & Self.each(0x80)).nonzeroBitCount
            position += 8
        }
        while position < text.count {
            count += text[position].isAlphanumeric ? 1 : 0
            position += 1
        }
        return count
    }

    @inline(__always)
    private static func each(_ byte: UInt8) -> UInt64 {
        UInt64(byte) &* 0x0101_0101_0101_0101
    }

    private func isKnownInDecimal(_ word: UnsafeRawBufferPointer, isNegative: Bool) -> Bool {
        guard word.count <= 3 else { return false }
        var value = 0
        for byte in word {
            guard byte.isDigit else { return false }
            value = 10 * value + Int(byte - 0x30)
        }
        guard value < 256 else { return false }
        return occurring.contains(UInt8(value)) || isNegative && occurring.contains(UInt8(truncatingIfNeeded: -value))
    }

    /// Counts the known bytes in a row, and tells whether there are enough.
    private func isReached(_ count: inout Int, inHexadecimal word: UnsafeRawBufferPointer) -> Bool {
        let isPrefixed = word.count > 2 && word[1] | 0x20 == UInt8(ascii: "x")
        if isPrefixed, word.count == 3, let digit = word[2].hexadecimalValue {
            count = occurring.contains(digit) ? count + 1 : 0
            return count >= shortest
        }
        var position = isPrefixed ? 2 : 0
        while true {
            // From the last byte that is wanted back to the first: one that is not known rules out those before it.
            let wanted = min(shortest - count, (word.count - position) / 2)
            var last = wanted - 1
            while last >= 0, isKnown(word, at: position + 2 * last) { last -= 1 }
            let known = wanted - 1 - last
            count = last < 0 ? count + known : known
            position += 2 * wanted
            if count >= shortest { return true }
            guard position + 2 <= word.count else { break }
        }
        // A digit is left over.
        if position < word.count { count = 0 }
        return false
    }

    @inline(__always)
    private func isKnown(_ word: UnsafeRawBufferPointer, at position: Int) -> Bool {
        guard let high = word[position].hexadecimalValue, let low = word[position + 1].hexadecimalValue else {
            return false
        }
        return occurring.contains(high << 4 | low)
    }
}
