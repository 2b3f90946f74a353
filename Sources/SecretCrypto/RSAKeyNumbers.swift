import SecretMemory

/// Where the numbers of an RSA key stand in its DER form: PKCS #1's `RSAPrivateKey`, alone or within PKCS #8's
/// `PrivateKeyInfo` (RFC 8017, A.1.2; RFC 5208, 5).
///
/// OpenSSL's own decoder leaves copies of the form in memory that it frees without overwriting it, so only the numbers are
/// given to OpenSSL, from where they are.
struct RSAKeyNumbers {
    /// The eight numbers, in the order of the form: modulus, public exponent, private exponent, two primes, their exponents
    /// and the coefficient. Each is the range of its bytes, the most significant one first.
    let ranges: [Range<Int>]

    private static let numberCount = 8
    /// 1.2.840.113549.1.1.1, with the parameters that go with it: none.
    private static let algorithm: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]

    /// Reads the form; `nil` when the bytes are no RSA key.
    init?(_ bytes: RawSpan) {
        guard let ranges = Self.withinPKCS8(bytes) ?? Self.numbers(bytes, 0..<bytes.byteCount) else { return nil }
        self.ranges = ranges
    }

    /// The bits of the modulus.
    func bitCount(in bytes: RawSpan) -> Int {
        guard let first = ranges.first, !first.isEmpty else { return 0 }
        let top = bytes.unsafeLoad(fromByteOffset: first.lowerBound, as: UInt8.self)
        return first.count * 8 - top.leadingZeroBitCount
    }

    private static func withinPKCS8(_ bytes: RawSpan) -> [Range<Int>]? {
        var outer = DERReader(0..<bytes.byteCount)
        guard let info = outer.next(0x30, in: bytes) else { return nil }
        var fields = DERReader(info)
        guard
            fields.next(0x02, in: bytes) != nil, let identifier = fields.next(0x30, in: bytes),
            identifier.count == algorithm.count,
            zip(identifier, algorithm).allSatisfy({ bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == $1 }),
            let key = fields.next(0x04, in: bytes)
        else { return nil }
        return numbers(bytes, key)
    }

    private static func numbers(_ bytes: RawSpan, _ range: Range<Int>) -> [Range<Int>]? {
        var outer = DERReader(range)
        guard let key = outer.next(0x30, in: bytes) else { return nil }
        var fields = DERReader(key)
        // A version other than 0 tells of more than two primes.
        guard
            let version = fields.next(0x02, in: bytes), version.count == 1,
            bytes.unsafeLoad(fromByteOffset: version.lowerBound, as: UInt8.self) == 0
        else { return nil }
        var ranges: [Range<Int>] = []
        for _ in 0..<numberCount {
            guard var number = fields.next(0x02, in: bytes), !number.isEmpty else { return nil }
            let first = bytes.unsafeLoad(fromByteOffset: number.lowerBound, as: UInt8.self)
            guard first < 0x80 else { return nil }
            if first == 0 { number = number.dropFirst() }
            guard !number.isEmpty else { return nil }
            ranges.append(number)
        }
        return ranges
    }
}

/// Takes apart what stands one behind the other in DER (X.690): tags of one byte, definite lengths.
private struct DERReader {
    private var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        self.position = range.lowerBound
        self.end = range.upperBound
    }

    /// The contents of what is next, if it has that tag.
    mutating func next(_ tag: UInt8, in bytes: RawSpan) -> Range<Int>? {
        guard position + 2 <= end, bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) == tag else { return nil }
        var start = position + 2
        var count = Int(bytes.unsafeLoad(fromByteOffset: position + 1, as: UInt8.self))
        if count >= 0x80 {
            let digits = count - 0x80
            guard (1...3).contains(digits), start + digits <= end else { return nil }
            count = 0
            for offset in start..<(start + digits) {
                count = count << 8 | Int(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            }
            start += digits
        }
        guard start + count <= end else { return nil }
        position = start + count
        return start..<position
    }
}
