import Dispatch
import Glibc
import Synchronization
import Testing

@testable import ExternalVaults

@Suite struct WaitingWorkTests {
    @Test func workThatHangsKeepsItsPlaceAndNobodyWaitsPastTheDeadline() async throws {
        let work = WaitingWork(places: 1)
        let gate = Gate()
        await #expect(throws: VaultFailure(.deadlinePassed)) {
            try await work.run(until: .now + .milliseconds(20)) {
                gate.wait()
                return .success(())
            }
        }
        // The thread still hangs: there is no place.
        await #expect(throws: VaultFailure(.deadlinePassed)) {
            try await work.run(until: .now + .milliseconds(20)) { .success(()) }
        }
        gate.open()
        #expect(try await work.run(until: .now + .seconds(20)) { .success(7) } == 7)
    }

    @Test func noMoreThanThePlacesAreTakenAtATime() async throws {
        let work = WaitingWork(places: 3)
        let counter = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await work.run(until: .now + .seconds(20)) {
                        counter.enter()
                        sched_yield()
                        counter.leave()
                        return .success(())
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counter.most <= 3)
        #expect(counter.all == 100)
    }
}

/// Lets threads wait for the test.
private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() { semaphore.wait() }

    func open() { semaphore.signal() }
}

private final class Counter: Sendable {
    private let numbers = Mutex((now: 0, most: 0, all: 0))

    var most: Int { numbers.withLock { $0.most } }
    var all: Int { numbers.withLock { $0.all } }

    func enter() {
        numbers.withLock { numbers in
            numbers.now += 1
            numbers.all += 1
            numbers.most = max(numbers.most, numbers.now)
        }
    }

    func leave() { numbers.withLock { $0.now -= 1 } }
}
