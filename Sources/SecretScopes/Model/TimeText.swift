/// Moments as text, in UTC, without the cost of a calendar library at start.
package enum TimeText {
    /// `2026-08-22T10:11:12.345Z`.
    package static func text(_ time: Timestamp) -> String {
        let (seconds, milliseconds) = floored(time.rawValue, by: 1000)
        let (days, second) = floored(seconds, by: 86_400)
        let date = date(daysSinceEpoch: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        append(date.year, 4, to: &text)
        append("-", date.month, 2, to: &text)
        append("-", date.day, 2, to: &text)
        append("T", second / 3600, 2, to: &text)
        append(":", second / 60 % 60, 2, to: &text)
        append(":", second % 60, 2, to: &text)
        append(".", milliseconds, 3, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ separator: Unicode.Scalar, _ number: Int64, _ width: Int, to text: inout [UInt8]) {
        text.append(UInt8(ascii: separator))
        append(number, width, to: &text)
    }

    /// Appends a number in decimal digits, at least `width` of them.
    private static func append(_ number: Int64, _ width: Int, to text: inout [UInt8]) {
        if number < 0 { text.append(UInt8(ascii: "-")) }
        let number = number.magnitude
        var divisor: UInt64 = 1
        for _ in 1..<width { divisor *= 10 }
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Reads `2026-08-22`, `2026-08-22T10:11`, `2026-08-22T10:11:12`, either with fractions of seconds and `Z` or an
    /// offset such as `+02:00`, or an age: `90s`, `30m`, `12h`, `7d`. What has no offset is UTC.
    ///
    /// - Parameter now: What ages are counted back from.
    package static func timestamp(_ text: String, now: Timestamp) -> Timestamp? {
        age(text).map { Timestamp(rawValue: now.rawValue - $0) } ?? moment(text)
    }

    private static func age(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), let number = digits(text.dropLast()), number < 1_000_000
        else {
            return nil
        }
        return number * unit
    }

    private static func moment(_ text: String) -> Timestamp? {
        let halves = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard
            parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            let year = digits(parts[0]), let month = digits(parts[1]), let day = digits(parts[2]),
            (1...12).contains(month), day >= 1
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        guard date(daysSinceEpoch: days) == (year, month, day) else { return nil }
        var milliseconds = days * 86_400_000
        if halves.count == 2 {
            guard let time = timeOfDay(halves[1]) else { return nil }
            milliseconds += time
        }
        return Timestamp(rawValue: milliseconds)
    }

    /// The milliseconds since midnight UTC.
    private static func timeOfDay(_ text: Substring) -> Int64? {
        var clock = text
        var offset: Int64 = 0
        if clock.last == "Z" {
            clock = clock.dropLast()
        } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            let parts = clock[clock.index(after: sign)...].split(separator: ":", omittingEmptySubsequences: false)
            guard
                parts.count == 2, parts.allSatisfy({ $0.count == 2 }),
                let hours = digits(parts[0]), let minutes = digits(parts[1]), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * 60_000 * (clock[sign] == "+" ? -1 : 1)
            clock = clock[..<sign]
        }
        var milliseconds: Int64 = 0
        if let point = clock.firstIndex(of: ".") {
            let fraction = clock[clock.index(after: point)...]
            guard digits(fraction) != nil, let thousandths = digits((fraction + "00").prefix(3)) else { return nil }
            milliseconds = thousandths
            clock = clock[..<point]
        }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.count == 2 }) else { return nil }
        let numbers = parts.compactMap { digits($0) }
        guard numbers.count == parts.count, numbers[0] < 24, numbers[1] < 60 else { return nil }
        let second = numbers.count == 3 ? numbers[2] : 0
        guard second < 60 else { return nil }
        return (numbers[0] * 3600 + numbers[1] * 60 + second) * 1000 + milliseconds + offset
    }

    private static func digits(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    // The two conversions are those of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in
    // March, so that the leap day is the last one, and repeat every 400 years, which have 146,097 days.

    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = floored(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floored(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
    }

    /// The quotient rounded down, and the remainder, which is never negative.
    private static func floored(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
