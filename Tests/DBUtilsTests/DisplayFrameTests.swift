import Testing

@testable import DBUtils

/// What a table becomes on its way to the runner, and which values are no table.
@Suite struct DisplayFrameTests {
    private struct Order {
        var id: Int
        var customer: String
    }

    private struct Refund {
        var order: Int
        var reason: String
    }

    @Test func frameHoldsColumnsAndRows() throws {
        let table = try #require(DisplayTable([["a": "ü", "b": ""], ["a": "2"]], columns: nil))
        let frame = table.frame
        #expect(frame.kind == .table)
        var payload = ControlPayload(frame.payload)
        #expect(payload.number() == 0)
        #expect(payload.number() == 2)
        #expect([payload.text(), payload.text()] == ["a", "b"])
        #expect(payload.number() == 2)
        #expect([payload.text(), payload.text(), payload.text(), payload.text()] == ["ü", "", "2", ""])
        #expect(payload.number() == nil)
    }

    @Test func frameSaysHowManyRowsAreLeftOut() throws {
        let table = try #require(DisplayTable([[Int]](repeating: [1], count: 10_001), columns: nil))
        var payload = ControlPayload(table.frame.payload)
        #expect(payload.number() == 1)
        #expect(payload.number() == 1)
        #expect(payload.text() == "_1")
        #expect(payload.number() == 10_000)
    }

    /// A cell never stands below the name of another type's property.
    @Test func rowsOfDifferentKindsAreNoTable() {
        let rows: [[Any]] = [
            [Order(id: 1, customer: "Ana"), Refund(order: 1, reason: "late")],
            [(a: 1, b: 2), (c: 1, d: 2)],
            [(1, 2, 3), (1, 2)],
            [Order(id: 1, customer: "Ana"), ["id": 1]],
            [["id": 1], [1]],
            [["id": 1], 7],
            [["id": 1], [1: "id"]],
        ]
        for row in rows {
            #expect(DisplayTable(row, columns: nil) == nil, "\(row)")
        }
    }

    @Test func resultsOfTheUtilitiesAreTables() throws {
        let secrets = try #require(DisplayTable([SecretMetadata(key: "a"), SecretMetadata(key: "b")], columns: nil))
        #expect([secrets.columns] + secrets.rows == [["key"], ["a"], ["b"]])
        let scopes = try #require(DisplayTable([SecretScope(name: "payments")], columns: nil))
        #expect([scopes.columns] + scopes.rows == [["name"], ["payments"]])
    }

    @Test func cellsAreWhatPrintShows() throws {
        struct Row {
            var text: String?
            var list: [Int]
            var nested: Int??
        }
        let rows = [Row(text: "x\ny", list: [1], nested: 3), Row(text: nil, list: [], nested: .some(nil))]
        let table = try #require(DisplayTable(rows, columns: nil))
        #expect(table.rows == [["x\ny", "[1]", "3"], ["null", "[]", "null"]])
    }
}
