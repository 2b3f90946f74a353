import Testing

@testable import NotebookRunner

@Suite struct CellSemanticsTests {
    @Test func cellsShareWhatTheyDeclare() async throws {
        let observed = try await Laboratory().run(
            "struct Order { var id: Int; var amount: Double }\nvar orders: [Order] = []",
            "func add(_ id: Int, _ amount: Double) { orders.append(Order(id: id, amount: amount)) }",
            "extension Order { var doubled: Double { amount * 2 } }\nadd(1, 2.5)",
            "func largest<T: Comparable>(_ values: [T]) -> T? { values.max() }\nadd(2, 4)\nprint(largest(orders.map(\\.doubled))!)"
        )
        #expect(observed.report.outcome == .succeeded)
        #expect(observed.output(4) == "8.0\n")
        #expect(observed.begun == [1, 2, 3, 4])
        #expect(observed.report.exitCode == 0)
    }

    @Test func ordinaryCodeCompiles() async throws {
        let observed = try await Laboratory().run(
            "import Foundation\nvar total = 0\nlet lock = NSLock()",
            """
            class Counter { var count = 0; func add() { count += 1; total += 1 } }
            class Loud: Counter { override func add() { super.add(); print("added") } }
            let counter = Loud()
            counter.add()
            """,
            """
            struct Order: Codable, Hashable, Comparable {
                var id: Int
                static func < (left: Order, right: Order) -> Bool { left.id < right.id }
            }
            let orders = try JSONDecoder().decode([Order].self, from: Data(#"[{"id":2},{"id":1}]"#.utf8))
            print(orders.sorted().map(\\.id), Set(orders).count)
            """,
            """
            func fetch(_ id: Int) async throws -> Int { try await Task.sleep(nanoseconds: 1); return id + total }
            let sum = await withTaskGroup(of: Int.self) { group in
                for order in orders { group.addTask { (try? await fetch(order.id)) ?? 0 } }
                var sum = 0
                for await part in group { sum += part }
                return sum
            }
            async let one = fetch(1)
            print(sum, try await one)
            """,
            """
            DispatchQueue.concurrentPerform(iterations: 4) { _ in lock.lock(); total += 1; lock.unlock() }
            extension Order { static var all: [Order] = orders }
            actor Bank { var balance = 0; func deposit(_ amount: Int) { balance += amount } }
            let bank = Bank()
            await bank.deposit(3)
            print(total, Order.all.count, await bank.balance)
            """
        )
        #expect(observed.failure?.description == nil)
        #expect((2...5).map(observed.output) == ["added\n", "[1, 2] 2\n", "5 2\n", "5 2 3\n"])
    }

    @Test func awaitRunsAtTheTopLevelAndCellsKeepTheirOrder() async throws {
        let observed = try await Laboratory().run(
            "func later(_ text: String) async -> String { await Task.yield(); return text }\nprint(\"1\")",
            "print(await later(\"2\"))",
            "for try await number in AsyncStream<Int>(unfolding: { nil }) { print(number) }\nprint(\"3\")"
        )
        #expect(observed.report.outcome == .succeeded)
        #expect((1...3).map(observed.output) == ["1\n", "2\n", "3\n"])
    }

    @Test(arguments: [
        ("print(total)", "let total = 1"),
        ("func show() { print(total) }", "let total = 1"),
        ("struct Report { lazy var rows = total }", "let total = 1"),
        ("func show(_ n: Int = total) {}", "let total = 1"),
        ("let values = [1].map { $0 + total }", "var total = 1"),
        ("let text = \"sum \\(total)\"", "let (other, total) = (1, 2)"),
        ("print([3].total)", "extension Array { var total: Int { count } }"),
        ("total()", "func total() {}"),
        ("var total1: total?", "struct total {}"),
        ("func show(_ list: [total]) {}", "final class total {}"),
        ("extension total { var x: Int { 1 } }", "enum total { case one }"),
        ("let n: total = 3", "typealias total = Int"),
        ("func show<T: total>(_ value: T) {}", "protocol total {}"),
        ("let any: Any = 3\nif any is total { print(1) }", "struct total {}"),
    ])
    func referenceToALaterCellIsAnErrorOfTheReferringCell(reference: String, declaration: String) async throws {
        let observed = try await Laboratory().run("print(\"first\")", reference, "print(\"third\")", declaration)
        let failure = try #require(observed.failure)
        #expect(failure.cell == 2)
        #expect(failure.name == "CompileError")
        #expect(failure.message.contains("total"))
        #expect(failure.message.hasPrefix("lab.swift#cell2:"))
        #expect(observed.output(1) == "first\n")
        #expect(observed.begun == [1, 2])
        #expect(observed.report.exitCode == 1)
    }

    @Test func useOfWhatALaterCellImportsIsAnErrorOfTheUsingCell() async throws {
        let observed = try await Laboratory().run(
            "let a = 1",
            "print(\"second\")",
            "print(Date(timeIntervalSince1970: 0))",
            "import Foundation\nprint(Date(timeIntervalSince1970: 0))"
        )
        #expect(observed.failure?.cell == 3)
        #expect(observed.failure?.message.contains("cannot find 'Date' in scope") == true)
        #expect(observed.output(2) == "second\n")
        let inOrder = try await Laboratory().run("let a = 1", "import Foundation\nprint(UUID().uuidString.count)")
        #expect(inOrder.output(2) == "36\n")
    }

    @Test func macrosOfTheToolchainWork() async throws {
        let observed = try await Laboratory().run(
            "import Foundation\nimport Observation\n@Observable final class Model { var total = 1 }",
            "let isLarge = #Predicate<Int> { $0 > 3 }\nprint(try isLarge.evaluate(4), Model().total)"
        )
        #expect(observed.failure?.description == nil)
        #expect(observed.output(2) == "true 1\n")
    }

    @Test func regularExpressionsMayStandBetweenSlashes() async throws {
        let observed = try await Laboratory().run("let day = /(\\d+)-(\\d+)/", "\"11-23\".wholeMatch(of: day)!.2")
        #expect(observed.displayed(2) == ["23"])
    }

    @Test func laterReferenceIsShownWithItsPlace() async throws {
        let observed = try await Laboratory().run("let a = 1", "let ü = a\n\tprint(ü, total)", "let total = 1")
        #expect(
            observed.failure?.message
                == "lab.swift#cell2:2:12: error: cannot find 'total' in scope; cell 3, which declares it, runs later\n"
                + "2 | \tprint(ü, total)\n  | \t         ^"
        )
        #expect(observed.failure?.line == 2)
    }

    @Test func nameThatALaterCellDeclaresMayBeUsedForSomethingElse() async throws {
        let observed = try await Laboratory().run(
            "func first<Row>(_ rows: [Row]) -> Row? { rows.first }  // Table, total",
            "let text = \"Table\"\nfor total in [1] { print(total, text) }",
            "struct Table {}; struct Row {}\nlet total = 2\nprint(total)"
        )
        #expect(observed.failure?.description == nil)
        #expect(observed.output(2) == "1 Table\n")
    }

    @Test func declaringANameAgainIsAnErrorOfTheLaterCell() async throws {
        let observed = try await Laboratory().run("let total = 1", "print(total)", "let total = 2", "print(total)")
        #expect(observed.failure?.cell == 3)
        #expect(observed.failure?.message.contains("invalid redeclaration of 'total'") == true)
        #expect(observed.output(2) == "1\n")
    }

    @Test(arguments: [
        ("func f() {", "}"), ("if true {", "print(2) }"), ("let a = [1,", "2]"), ("let t = \"\"\"\nx", "\"\"\""),
        ("/* comment", "*/"), ("#if true", "#endif"), ("}", "{"), ("let x =", "3"), ("print((1)", ")"),
    ])
    func unbalancedCellIsItsOwnError(opening: String, closing: String) async throws {
        let observed = try await Laboratory().run("print(\"first\")", opening, closing, "print(\"last\")")
        #expect(observed.failure?.cell == 2)
        #expect(observed.output(1) == "first\n")
        #expect(observed.begun == [1, 2])
        #expect(observed.failure?.message.contains("__hush") == false)
    }

    @Test(arguments: [
        ("let a = 1", "{ print(\"block\") }()"), ("let a = [1]", ".count"), ("let f = { 1 }", "(2)"),
        ("print(\"x\")", "[1].count"), ("let a = 3", "+ 4"), ("let a = true", "? 1 : 2"),
    ])
    func cellDoesNotGoOnWithTheOneBeforeIt(first: String, second: String) async throws {
        let observed = try await Laboratory().run(first, second)
        // Each stands for itself: as a cell of its own, the second one is an error, or a statement of its own.
        let alone = try await Laboratory().run(second)
        #expect((observed.failure == nil) == (alone.failure == nil))
        #expect(observed.failure?.cell == (alone.failure == nil ? nil : 2))
    }

    @Test func cellsBeforeTheFirstErrorRunAndThoseBehindItDoNot() async throws {
        let observed = try await Laboratory().run(
            "print(\"one\")", "print(\"two\")\nlet x: Int = \"text\"", "print(\"three\")", "let y: Int = nil"
        )
        let failure = try #require(observed.failure)
        #expect(failure.cell == 2)
        #expect(failure.line == 2)
        #expect(failure.message.contains("lab.swift#cell2:2:14: error: cannot convert value of type 'String'"))
        #expect(failure.message.contains("2 | let x: Int = \"text\"\n  |              ^"))
        #expect(observed.output(1) == "one\n")
        #expect(observed.begun == [1, 2])
        #expect(observed.report.cells.map(\.state) == [.completed, .failed, .notRun, .notRun])
    }

    @Test(arguments: [
        "func number() -> Int { if Bool.random() { return 1 } }",
        "func use() { let x: Int; print(x) }",
        "func endless() { var a = 1; swap(&a, &a) }",
    ])
    func errorThatShowsOnlyWhenCompiledToTheEndIsItsCells(code: String) async throws {
        let observed = try await Laboratory().run("print(\"first\")", code, "print(\"third\")")
        #expect(observed.failure?.cell == 2)
        #expect(observed.failure?.message.hasPrefix("lab.swift#cell2:1:") == true)
        #expect(observed.output(1) == "first\n")
    }

    @Test func firstCellThatFailsLeavesNothingToRun() async throws {
        let observed = try await Laboratory().run("undefined", "print(\"second\")")
        #expect(observed.failure?.cell == 1)
        #expect(observed.begun == [1])
    }

    @Test func lastExpressionOfACellIsDisplayed() async throws {
        let observed = try await Laboratory().run(
            "let x = 3\nx * 2",
            "let y: Int? = 4\ny  // a comment\n/* and another */",
            "x + 1;",
            "print(\"nothing\")",
            "[1, 2]\n    .map { $0 + x }\n    .filter { $0 > 4 }",
            "@discardableResult func save() -> Int { 1 }\nsave()",
            "try await Task { 5 }.value",
            "x > 2 ? \"big\" : \"small\"",
            "#if true\nx\n#endif",
            "func f() -> Int { x }\nvar z = f()",
            "[[\"day\": \"Mon\", \"total\": \"3\"]]",
            "x\nif x > 2 { x }"
        )
        #expect(observed.failure?.description == nil)
        let displayed = (1...12).map { observed.displayed($0).joined(separator: "/") }
        #expect(displayed[0...9] == ["6", "4", "", "", "[5]", "", "5", "big", "", ""])
        #expect(displayed[10] == "+-----+-------+\n| day | total |\n+-----+-------+\n| Mon |     3 |\n+-----+-------+")
        #expect(displayed[11] == "")
    }

    @Test func valueThatCannotBeDisplayedDoesNotFail() async throws {
        let observed = try await Laboratory().run(
            "struct File: ~Copyable { let number = 1 }\nfunc open() -> File { File() }", "print(\"before\")\nopen()",
            "3"
        )
        #expect(observed.failure?.description == nil)
        #expect(observed.output(2) == "before\n")
    }

    @Test(arguments: ["#sourceLocation(file: \"x\", line: 1)", "  #line 5 \"x\"", "\t#sourceLocation()"])
    func lineDirectiveIsRefused(directive: String) throws {
        let error = #expect(throws: NotebookError.self) {
            try Laboratory.notebook(["let a = 1", "let b = #line\n\(directive)"])
        }
        #expect(error?.message.hasPrefix("The notebook lab.swift is not run: cell 2, line 2: #") == true)
    }

    @Test func notebookWithoutCodeRunsNothing() async throws {
        let notebook = try Notebook(
            name: "n.swift", bytes: Array("// Databricks notebook source\n// MAGIC %md\n// MAGIC hi".utf8))
        let observed = try await Laboratory().run(notebook)
        #expect(observed.report.outcome == .succeeded)
        #expect(observed.begun == [1])
    }
}
