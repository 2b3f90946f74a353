internal import SecretScopes

/// The forms of time that AWS' protocols use.
enum AWSDate {
    /// `YYYYMMDD'T'HHMMSS'Z'`, the form of signatures, in UTC.
    static func basic(_ time: Timestamp) -> String {
        let digits = TimeText.text(time).utf8.prefix(19).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
        return String(decoding: digits, as: UTF8.self) + "Z"
    }

    /// Reads `2030-01-01T00:00:00Z`, also with a fraction of seconds or with an offset such as `+01:00`.
    static func timestamp(_ text: String) -> Timestamp? {
        text.contains("T") ? TimeText.timestamp(text, now: Timestamp(rawValue: 0)) : nil
    }
}
