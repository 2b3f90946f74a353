import Foundation
import Redaction
import SecretMemory
import Testing

/// Every form of a value by itself: what finds it, what it is called in reports, and that the level below does not look
/// for it.
struct FormTests {
    private static let value = #"Zq7/ü "K9's+<x>&%=42\"#

    /// Nothing of `text` is left at `level`, but for as many bytes at its ends as may be of its neighbours; a report names
    /// `form`; and the level below leaves it as it is.
    private func expect(
        _ text: [UInt8],
        of value: String = FormTests.value,
        at level: RedactionLevel,
        as form: String,
        rest: String = "",
        location: SourceLocation = #_sourceLocation
    ) throws {
        let pool = SecretPool()
        let redactor = try Redactor([Array(value.utf8)], level: level, pool: pool)
        let input = Array("before <".utf8) + text + Array("> behind\n".utf8)
        let output = String(decoding: redactor.redact(input), as: UTF8.self)
        #expect(output == "before <[REDACTED]\(rest)> behind\n", sourceLocation: location)
        var stream = redactor.makeStream(reporting: true)
        stream.feed(input.span.bytes) { _ in }
        stream.finish { _ in }
        #expect(stream.report?.entries.map(\.form) == [form], sourceLocation: location)
        if let below = RedactionLevel(rawValue: level.rawValue - 1) {
            let lower = try Redactor([Array(value.utf8)], level: below, pool: pool)
            #expect(lower.redact(input) == input, sourceLocation: location)
        }
    }

    private func expect(
        _ text: String,
        of value: String = FormTests.value,
        at level: RedactionLevel,
        as form: String,
        rest: String = "",
        location: SourceLocation = #_sourceLocation
    ) throws {
        try expect(Array(text.utf8), of: value, at: level, as: form, rest: rest, location: location)
    }

    private let bytes = Array(FormTests.value.utf8)

    // MARK: literal

    @Test func literalForm() throws { try expect(Self.value, at: .literal, as: "literal") }

    @Test func lineForm() throws {
        try expect("second line", of: "first line\nsecond line\n", at: .literal, as: "line")
    }

    @Test func lineThatBeginsABlockOfPEMIsNoSecret() throws {
        let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n-----END PRIVATE KEY-----\n"
        let redactor = try Redactor([key])
        let other = "-----BEGIN PRIVATE KEY-----\nanother key\n-----END PRIVATE KEY-----\n"
        #expect(redactor.redact(other) == other)
        #expect(redactor.redact("| MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v |") == "| [REDACTED] |")
        #expect(redactor.redact("<\(key)>") == "<[REDACTED]>")
    }

    @Test func lineEndForm() throws {
        try expect("one\r\ntwo\r\nthree", of: "one\ntwo\nthree", at: .literal, as: "line ends")
        try expect("one\ntwo\nthree", of: "one\r\ntwo\r\nthree", at: .literal, as: "line ends")
    }

    // MARK: encoded

    @Test func lowercaseForm() throws { try expect(#"zq7/ü "k9's+<x>&%=42\"#, at: .encoded, as: "lower-cased") }

    @Test func uppercaseForm() throws {
        try expect(#"ZQ7/Ü "K9'S+<X>&%=42\"#, at: .encoded, as: "upper-cased")
        // Only ASCII, as `tr a-z A-Z` does it.
        try expect(#"ZQ7/ü "K9'S+<X>&%=42\"#, at: .encoded, as: "upper-cased")
    }

    /// Behind none, one and two bytes that are not the value's: digits that hold nothing of it are left out here.
    @Test(arguments: 0...2) func base64Reading(shift: Int) throws {
        let text = Data([UInt8](repeating: 0xFF, count: shift) + bytes).base64EncodedString()
        let digits = text.prefix { $0 != "=" }.dropFirst(shift)
        try expect(String(digits), at: .encoded, as: "base64")
        try expect(String(digits).replacing("+", with: "-").replacing("/", with: "_"), at: .encoded, as: "base64")
    }

    @Test(arguments: [64, 76]) func base64ReadingOfWrappedText(columns: Int) throws {
        let long = String(repeating: "Lk4TzXw0vR9uHq3yNc7pBd5sGf1a", count: 4)
        let text = Array(Data(long.utf8).base64EncodedString().prefix { $0 != "=" })
        let lines = stride(from: 0, to: text.count, by: columns).map {
            String(text[$0..<min($0 + columns, text.count)])
        }
        try expect(lines.joined(separator: "\n"), of: long, at: .encoded, as: "base64")
        try expect(lines.joined(separator: "\r\n"), of: long, at: .encoded, as: "base64")
    }

    /// Of one, two and no bytes in the last block; as much padding as there can be, and no more.
    @Test(arguments: ["Kx7-pQ2vZ9r", "Kx7-pQ2vZ9", "Kx7-pQ2vZ"])
    func base64PaddingBelongsToTheValue(value: String) throws {
        let text = Data(value.utf8).base64EncodedString()
        try expect(text, of: value, at: .encoded, as: "base64")
        try expect(text + "=", of: value, at: .encoded, as: "base64", rest: "=")
        // It is still the value's when it comes later.
        let redactor = try Redactor([value], level: .encoded)
        for cut in 1..<text.utf8.count {
            let chunks = [Array(text.utf8.prefix(cut)), Array(text.utf8.dropFirst(cut)), Array("\n".utf8)]
            #expect(String(decoding: redactor.output(of: chunks), as: UTF8.self) == "[REDACTED]\n")
        }
        #expect(redactor.redact(text.prefix { $0 != "=" } + " = 1") == "[REDACTED] = 1")
    }

    @Test(arguments: ["fooba1", "fooba12", "fooba123", "fooba1234"])
    func base32PaddingBelongsToTheValue(value: String) throws {
        let digits = ["MZXW6YTBGE", "MZXW6YTBGEZA", "MZXW6YTBGEZDG", "MZXW6YTBGEZDGNA"][value.utf8.count - 6]
        let text = digits + String(repeating: "=", count: 16 - digits.utf8.count)
        try expect(text, of: value, at: .encoded, as: "base32")
    }

    @Test func paddingThatComesAfterAnIdleReleaseIsReplacedToo() throws {
        let redactor = try Redactor(["hunter22"], level: .encoded)
        var stream = CollectingStream(of: redactor)
        stream.feed(Array("key: aHVudGVyMjI".utf8))
        stream.releaseIdle()
        #expect(stream.text == "key: [REDACTED]")
        stream.feed(Array("=\n".utf8))
        #expect(stream.text == "key: [REDACTED]\n")
    }

    @Test func base32Reading() throws {
        // RFC 4648's own example, and a value that needs no padding.
        try expect("MZXW6YTB", of: "fooba", at: .encoded, as: "base32")
        try expect("NB2W45DFOIWTEMRNMFXGI", of: "hunter-22-and", at: .encoded, as: "base32")
    }

    @Test(arguments: ["%02x", "%02X"]) func hexReading(format: String) throws {
        try expect(bytes.map { String(format: format, $0) }.joined(), at: .encoded, as: "hex")
    }

    @Test(arguments: [" ", ":", ", 0x", "\n"]) func hexListReading(separator: String) throws {
        try expect(bytes.map { String(format: "%02x", $0) }.joined(separator: separator), at: .encoded, as: "hex list")
    }

    @Test(arguments: [", ", ",", " ", ",\n  "]) func decimalListReading(separator: String) throws {
        try expect(bytes.map { String($0) }.joined(separator: separator), at: .encoded, as: "decimal list")
        // As Java has them.
        try expect(
            bytes.map { String(Int8(bitPattern: $0)) }.joined(separator: separator), at: .encoded, as: "decimal list")
    }

    @Test func littleEndianUTF16Reading() throws {
        try expect(Self.value.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, at: .encoded, as: "UTF-16")
    }

    @Test func bigEndianUTF16Reading() throws {
        try expect(Self.value.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }, at: .encoded, as: "UTF-16")
    }

    @Test func percentReading() throws {
        try expect("Zq7/%C3%BC%20%22K9's+%3Cx%3E&%25=42%5C", at: .encoded, as: "percent-encoding")
        try expect(bytes.map { String(format: "%%%02x", $0) }.joined(), at: .encoded, as: "percent-encoding")
    }

    @Test func formReading() throws {
        try expect("Zq7%2F%C3%BC+%22K9%27s%2B%3Cx%3E%26%25%3D42%5C", at: .encoded, as: "form encoding")
    }

    @Test(arguments: [
        #"Zq7\/ü \"K9's+<x>&%=42\\"#, #"Zq7/\u00fc \"K9's+<x>&%=42\\"#, #"Zq7/\u{fc} \"K9\'s+<x>&%=42\\"#,
        #"Zq7/\xc3\xbc "K9\'s+<x>&%=42\\"#, #"Zq7/\303\274\ \"K9\'s+\<x\>\&%=42\\"#,
    ]) func backslashReading(text: String) throws {
        try expect(text, at: .encoded, as: "escapes")
    }

    @Test func characterBackslashReading() throws {
        try expect(#"Zq7/\xfc "K9\'s+<x>&%=42\\"#, at: .encoded, as: "escapes")
    }

    @Test func shellQuotes() throws {
        try expect(#"it'\''s-9Xb4-mW8"#, of: "it's-9Xb4-mW8", at: .encoded, as: "escapes")
        try expect(#"it'"'"'s-9Xb4-mW8"#, of: "it's-9Xb4-mW8", at: .encoded, as: "escapes")
    }

    @Test(arguments: ["Zq7/ü &quot;K9&#x27;s+&lt;x&gt;&amp;%=42\\", "Zq7/&#252; \"K9&apos;s+&#60;x&#62;&amp;%=42\\"])
    func entityReading(text: String) throws {
        try expect(text, at: .encoded, as: "entities")
    }

    @Test func quotedPrintableReading() throws {
        try expect("Zq7/=C3=BC \"K9's=\n+<x>&%=3D42\\", at: .encoded, as: "quoted-printable")
    }

    // MARK: strict

    @Test func reversedForm() throws {
        try expect(String(Self.value.reversed()), at: .strict, as: "reversed")
        try expect(Array(bytes.reversed()), at: .strict, as: "reversed")
    }

    @Test func rot13Form() throws { try expect(#"Md7/ü "X9'f+<k>&%=42\"#, at: .strict, as: "ROT13") }

    @Test(arguments: [" ", "\n", ", ", "', '", " • "]) func spacedForm(separator: String) throws {
        try expect(
            "hunter2x9".map { String($0) }.joined(separator: separator), of: "hunter2x9", at: .strict, as: "spaced")
    }

    @Test func fragments() throws {
        try expect("nter-22-and", of: "hunter-22-and-more", at: .strict, as: "fragment")
        try expect("hunter-22", of: "hunter-22-and-more", at: .strict, as: "fragment")
    }
}
