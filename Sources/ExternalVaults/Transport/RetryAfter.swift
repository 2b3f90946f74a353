internal import SecretScopes

/// When a server says that asking again makes sense.
enum RetryAfter {
    /// The pause that an answer names: `Retry-After` in seconds or as a date, or the vendors' own headers in milliseconds.
    static func pause(in answer: VaultAnswer) -> Duration? {
        for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
            if let text = answer.header(name), let count = Int(text), count >= 0 { return .milliseconds(count) }
        }
        // AWS' own is believed for no more than five seconds, as its clients do.
        if let text = answer.header("x-amz-retry-after"), let count = Int(text), count >= 0 {
            return min(.milliseconds(count), .seconds(5))
        }
        guard let text = answer.header("retry-after") else { return nil }
        if let count = Int(text) { return count >= 0 ? .seconds(min(count, 86_400)) : nil }
        guard let end = HTTPDate.timestamp(text), let now = answer.header("date").flatMap({ HTTPDate.timestamp($0) })
        else { return nil }
        return .milliseconds(max(0, end.rawValue - now.rawValue))
    }
}
