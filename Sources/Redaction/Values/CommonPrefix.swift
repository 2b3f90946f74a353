import SecretMemory

extension SecretBytes {
    /// The number of bytes at the start that are the same in `other`.
    func commonPrefixCount(with other: SecretBytes) -> Int {
        withUnsafeBytes { bytes in
            other.withUnsafeBytes { others in
                let limit = min(bytes.count, others.count)
                var count = 0
                while count < limit, bytes[count] == others[count] { count += 1 }
                return count
            }
        }
    }

    /// Whether both hold the same bytes.
    func hasSameBytes(as other: SecretBytes) -> Bool {
        count == other.count && commonPrefixCount(with: other) == count
    }
}
