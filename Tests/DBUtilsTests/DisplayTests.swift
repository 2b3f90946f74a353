import Testing

@testable import DBUtils

@Suite struct DisplayTests {
    private struct Order {
        var id: Int
        var customer: String?
        var amount: Double
    }

    private struct Timestamp: CustomReflectable {
        var seconds = 1
        var customMirror: Mirror { Mirror(self, children: ["seconds": seconds]) }
    }

    private func table(_ value: Any, columns: [String]? = nil) -> [[String]]? {
        DisplayTable(value, columns: columns).map { [$0.columns] + $0.rows }
    }

    @Test func structsAreRowsWithTheirPropertiesAsColumns() {
        let orders = [Order(id: 1, customer: "Ana", amount: 2.5), Order(id: 2, customer: nil, amount: 3)]
        #expect(table(orders) == [["id", "customer", "amount"], ["1", "Ana", "2.5"], ["2", "null", "3.0"]])
    }

    @Test func dictionariesAreRowsWithTheirKeysAsColumns() {
        #expect(table([["b": 1, "a": 2], ["c": 3]]) == [["a", "b", "c"], ["2", "1", ""], ["", "", "3"]])
        #expect(table([["a": 1, "b": "x"] as [String: Any]]) == [["a", "b"], ["1", "x"]])
    }

    @Test func tuplesAndArraysAreRows() {
        #expect(
            table([(day: "Mon", total: 3), (day: "Tue", total: 4)]) == [
                ["day", "total"], ["Mon", "3"], ["Tue", "4"],
            ])
        #expect(table([("a", 1)]) == [["_1", "_2"], ["a", "1"]])
        #expect(table([["a", "b"], ["c"]]) == [["_1", "_2"], ["a", "b"], ["c", ""]])
        #expect(table([["a", "b"], ["c", "d"]], columns: ["x", "y"]) == [["x", "y"], ["a", "b"], ["c", "d"]])
        #expect(table([["a", "b"]], columns: ["x"]) == [["x", "_2"], ["a", "b"]])
        #expect(table([["a"]], columns: ["x", "y"]) == [["x", "y"], ["a", ""]])
    }

    @Test func everythingElseIsText() {
        let values: [Any] = [
            3, "text", [1, 2], ["a"], [String](), [Timestamp()], ["k": 1], Order(id: 1, customer: nil, amount: 1),
            [[1: "x"]], Set([1]), Optional([1]) as Any,
        ]
        for value in values {
            #expect(table(value) == nil, "\(value)")
        }
    }

    @Test func ofALongTableTheFirstRowsAreShown() throws {
        let table = try #require(DisplayTable((0..<10_003).map { ["n": $0] }, columns: nil))
        #expect(table.rows.count == 10_000)
        #expect(table.rows.last == ["9999"])
        #expect(table.rowsLeftOut == 3)
    }

    @Test func optionalsAreShownAsWhatTheyHold() {
        #expect(DisplayText.describe(Optional(Optional(3)) as Any) == "3")
        #expect(DisplayText.describe(Optional<Int>.none as Any) == "nil")
        #expect(DisplayText.describe("x") == "x")
    }
}
