/// Reads lists of bytes, wherever there is a long enough stretch of what they consist of.
struct ListReader<R: Reading>: Reader {
    private var reader = UnitReader<R>()

    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int {
        reader.holdStart(in: tables, ofAtLeast: minimum)
    }

    mutating func scan(_ signs: ReadingSigns, in context: ReadingContext, into coverage: inout Coverage) {
        reader.resume(in: context, into: &coverage)
        for list in signs.lists {
            reader.read(list, in: context, into: &coverage)
        }
    }

    mutating func restart(at position: Int) {
        reader.restart(at: position)
    }
}
