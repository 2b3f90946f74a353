import Testing

@Suite("A disk that fails in the middle of the work")
struct StoreFaultTests {
    @Test(arguments: DiskFault.all)
    func losesNothingAndHandsNothingOut(_ fault: DiskFault) async throws {
        let root = try TestFolder()
        let morning = try await FaultyMorning(in: root)
        // Once without a failure, to see how many operations there are.
        let calm = try await FaultRun(
            morning: morning, fault: fault, position: Int64.max / 2, folder: root.path + "/calm"
        )
        .run()
        #expect(calm.problems == [])
        #expect(calm.failures == 0)
        try #require(calm.operations > 0)
        var total = FaultRun.Outcome()
        await withTaskGroup(of: FaultRun.Outcome.self) { group in
            for position in 0..<calm.operations {
                if position >= 3, let outcome = await group.next() { total.add(outcome) }
                let run = FaultRun(
                    morning: morning, fault: fault, position: position, folder: "\(root.path)/home-\(position)")
                group.addTask {
                    do {
                        return try await run.run()
                    } catch {
                        return FaultRun.Outcome(problems: ["at \(position): \(error)"])
                    }
                }
            }
            for await outcome in group { total.add(outcome) }
        }
        print(
            "faults: \(fault.name), at \(total.points) of \(calm.operations) operations; \(total.failures) calls failed, "
                + "\(total.unconfirmed) of them unconfirmed")
        #expect(total.problems.prefix(5) == [])
        #expect(total.points > 0)
        // The log's sync is what confirms; nothing else may leave a caller in doubt.
        #expect((total.unconfirmed > 0) == fault.leavesDoubt)
    }
}
