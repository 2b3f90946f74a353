import SecretScopes
import Testing

@testable import hush

/// The small pieces that texts are made of.
@Suite struct TextFormsTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        (1_787_393_472_345, "2026-08-22T10:11:12.345Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func timestampIsTextAndBack(milliseconds: Int64, text: String) {
        let time = Timestamp(rawValue: milliseconds)
        #expect(TimeText.text(time) == text)
        #expect(TimeText.timestamp(text, now: Timestamp(rawValue: 0)) == time)
    }

    @Test(arguments: [
        ("2026-08-22", 1_787_356_800_000), ("2026-08-22T10:11", 1_787_393_460_000),
        ("2026-08-22T10:11:12", 1_787_393_472_000), ("2026-08-22T10:11:12Z", 1_787_393_472_000),
        ("2026-08-22T12:11:12+02:00", 1_787_393_472_000), ("2026-08-22T04:41:12.5-05:30", 1_787_393_472_500),
        ("2026-08-22T10:11:12.3456789Z", 1_787_393_472_345), ("90s", 999_910_000), ("30m", 998_200_000),
        ("2h", 992_800_000), ("7d", 395_200_000),
    ])
    func momentIsRead(text: String, milliseconds: Int64) {
        #expect(TimeText.timestamp(text, now: Timestamp(rawValue: 1_000_000_000))?.rawValue == milliseconds)
    }

    @Test(arguments: [
        "", "now", "2026", "2026-8-22", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-08-22T",
        "2026-08-22T24:00", "2026-08-22T10", "2026-08-22T10:60", "2026-08-22T10:11:60", "2026-08-22T10:11:12.",
        "2026-08-22T10:11:12+2", "2026-08-22 10:11", "7", "d", "-1d", "1.5h", "1w", "99999999999999999999d", "+1d",
    ])
    func otherTextsAreNoMoments(text: String) {
        #expect(TimeText.timestamp(text, now: Timestamp(rawValue: 0)) == nil)
    }

    @Test func everyDayOfFourHundredYearsIsItsNeighboursSuccessor() throws {
        var previous = ""
        for day in 0..<146_097 {
            let time = Timestamp(rawValue: Int64(day) * 86_400_000)
            let text = String(TimeText.text(time).prefix(10))
            guard text > previous, TimeText.timestamp(text, now: time) == time else {
                Issue.record("\(text) after \(previous)")
                return
            }
            previous = text
        }
        #expect(previous == "2369-12-31")
    }

    @Test func jsonIsEscapedSortedAndIndented() {
        let document = JSON.object([
            ("b", .array([.integer(-1), .boolean(true), .null, .object([]), .array([])])),
            ("a\"", .text("\\ \" / \n\t\r \u{1} \u{7F} ä 🔑")),
        ])
        #expect(document.line == "{\"b\":[-1,true,null,{},[]],\"a\\\"\":\"\\\\ \\\" / \\n\\t\\r \\u0001 \\u007f ä 🔑\"}")
        #expect(
            document.indented == """
                {
                  "a\\"": "\\\\ \\" / \\n\\t\\r \\u0001 \\u007f ä 🔑",
                  "b": [
                    -1,
                    true,
                    null,
                    {},
                    []
                  ]
                }

                """)
    }

    @Test func tableKeepsItsWidthsForRowsThatComeLater() {
        var table = Table(["A", "Bee", "C"])
        #expect(table.takeText() == "A  Bee  C\n")
        table.append(["long", "", "x"])
        #expect(table.takeText() == "long       x\n")
        table.append(["s", "wider", ""])
        #expect(table.takeText() == "s     wider  \n")
        #expect(table.takeText() == "")
    }

    @Test(arguments: [
        ("plain\ntext\t", "plain\ntext\t"), ("\u{1B}[2J", "\\u{1b}[2J"), ("a\rb", "a\\u{d}b"),
        ("\u{9B}31m", "\\u{9b}31m"), ("\u{202E}gnp.exe", "\\u{202e}gnp.exe"), ("ä🔑", "ä🔑"),
    ])
    func controlCharactersAreMadeVisible(text: String, expected: String) {
        #expect(TextOutput.printable(text) == expected)
    }
}
