import CLibcrypto

/// Whether both spans hold the same bytes, in a time that depends on the length of `a` alone.
///
/// The lengths may differ; then the answer is `false`.
public func constantTimeEquals(_ a: RawSpan, _ b: RawSpan) -> Bool {
    let haveSameLength = a.byteCount == b.byteCount
    return a.withUnsafeBytes { a in
        b.withUnsafeBytes { b in
            guard let start = a.baseAddress, a.count > 0 else { return haveSameLength }
            // With another length `a` is compared with itself, so that the time does not tell which one is right.
            let other = haveSameLength ? b.baseAddress : a.baseAddress
            return CRYPTO_memcmp(start, other, a.count) == 0 && haveSameLength
        }
    }
}
