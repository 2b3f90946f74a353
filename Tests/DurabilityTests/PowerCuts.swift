import DurabilityHistory
import Foundation
import RepeatableRandomness

/// Cuts the power at every write and sync of a recorded day, and checks what is left.
struct PowerCuts {
    let entries: [FileWatch.Entry]
    let check: StoreCheck
    /// Where images are put.
    let folder: String
    let fileName: @Sendable (Int) -> String
    /// How many different disks there must be at least: as long as there are fewer, coins are tossed anew at every place.
    var fewestImages = 0

    /// The result of all cuts.
    struct Result {
        /// The number of positions in the log at which the power was cut.
        var positions = 0
        /// How many different disks were opened and checked.
        var images = 0
        /// What was wrong, with the place where the disk was kept.
        var problems: [String] = []
    }

    private struct Known {
        var events: Int64?
        var acknowledged: Int64
        var position: Int
    }

    private struct Cut: Sendable {
        var hash: Int
        var position: Int
        var image: [String: [UInt8]]
    }

    private static let mostKept = 3
    private static let mostPasses = 1000
    private static let inFlight = 4

    /// Cuts the power at every position of `range`.
    func run(_ range: ClosedRange<Int>, random: inout SeededGenerator) async -> Result {
        var result = Result()
        var known: [Int: Known] = [:]
        var positions: Set<Int> = []
        for pass in 0..<Self.mostPasses where pass == 0 || result.images < fewestImages {
            await run(range, isFirst: pass == 0, &known, &positions, &result, &random)
        }
        result.positions = positions.count
        for disk in known.values {
            guard let events = disk.events, events < disk.acknowledged else { continue }
            result.problems.append(
                "cut at \(disk.position): event \(disk.acknowledged) was acknowledged, but the record ends with "
                    + "\(events)")
        }
        return result
    }

    private func run(
        _ range: ClosedRange<Int>,
        isFirst: Bool,
        _ known: inout [Int: Known],
        _ positions: inout Set<Int>,
        _ result: inout Result,
        _ random: inout SeededGenerator
    ) async {
        var disk = DiskModel(fileName: fileName)
        var waiting: [Cut] = []
        for position in 0...range.upperBound {
            if range.contains(position), isFirst || result.images < fewestImages {
                for landing in landings(at: position, disk, isFirst: isFirst, &random) {
                    positions.insert(position)
                    let image = disk.image(landing, random: &random)
                    let hash = Self.hash(image)
                    // The same disk again, at a moment at which it must hold at least as much, is not opened again.
                    let isNew = known[hash] == nil
                    var disk = known[hash, default: Known(acknowledged: 0, position: position)]
                    disk.position = max(disk.position, position)
                    disk.acknowledged = check.day.acknowledged[disk.position]
                    known[hash] = disk
                    if isNew { waiting.append(Cut(hash: hash, position: position, image: image)) }
                }
                if waiting.count >= 64 { await checkAll(&waiting, &known, &result) }
            }
            if position < entries.count { disk.apply(entries[position], random: &random) }
        }
        await checkAll(&waiting, &known, &result)
    }

    /// What may have landed when the power is cut before the entry at `position`.
    private func landings(
        at position: Int, _ disk: DiskModel, isFirst: Bool, _ random: inout SeededGenerator
    ) -> [DiskModel.Landing] {
        guard position < entries.count else { return [.nothing, .everything] }
        func coin() -> DiskModel.Landing {
            .some(percent: [10, 50, 90].randomElement(using: &random) ?? 50, bySector: Bool.random(using: &random))
        }
        let coins = [coin(), coin(), coin()]
        guard isFirst else { return disk.isSynced ? [] : coins }
        switch entries[position].event {
        case .write:
            // Before a write: everything so far, the last one torn, any part.
            guard !disk.isSynced else { return [] }
            let cut = Int.random(in: 1...7, using: &random)
            return [.everything, .torn(numerator: cut, denominator: 8)] + coins
        case .sync, .failedSync, .syncFolder, .truncate, .delete:
            // The last moment at which what is durable is all that there is for sure.
            return [.nothing, .everything, .lengths] + coins
        case .open: return [.nothing, .everything]
        case .mark: return []
        }
    }

    private static func hash(_ image: [String: [UInt8]]) -> Int {
        var hasher = Hasher()
        for (name, bytes) in image.sorted(by: { $0.key < $1.key }) {
            hasher.combine(name)
            hasher.combine(bytes.count)
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }

    private func checkAll(
        _ waiting: inout [Cut],
        _ known: inout [Int: Known],
        _ result: inout Result
    ) async {
        let first = result.images
        result.images += waiting.count
        var problems: [String] = []
        await withTaskGroup(of: (Int, StoreCheck.Finding, String).self) { group in
            for (offset, cut) in waiting.enumerated() {
                if offset >= Self.inFlight, let (hash, finding, path) = await group.next() {
                    note(finding, hash, path, &known, &problems)
                }
                let path = "\(folder)/image-\(first + offset)"
                group.addTask { [check] in
                    var finding = StoreCheck.Finding()
                    do {
                        try TestFolder.make(path, holding: cut.image)
                        finding = await check.check(
                            path, cutAt: cut.position, uses: (first + offset).isMultiple(of: 16))
                    } catch {
                        finding.problems = ["\(error)"]
                    }
                    finding.problems = finding.problems.map { "cut at \(cut.position): \($0)" }
                    try? FileManager.default.removeItem(atPath: path)
                    return (cut.hash, finding, path)
                }
            }
            for await (hash, finding, path) in group { note(finding, hash, path, &known, &problems) }
        }
        keep(waiting, problems)
        result.problems += problems
        waiting = []
    }

    private func note(
        _ finding: StoreCheck.Finding,
        _ hash: Int,
        _ path: String,
        _ known: inout [Int: Known],
        _ problems: inout [String]
    ) {
        known[hash]?.events = finding.events
        problems += finding.problems
    }

    /// Keeps the disks on which something was wrong.
    private func keep(_ images: [Cut], _ problems: [String]) {
        for problem in problems.prefix(Self.mostKept) {
            guard let image = images.first(where: { problem.hasPrefix("cut at \($0.position):") }) else { continue }
            let path = NSTemporaryDirectory() + "hush-power-cut-\(image.position)"
            try? TestFolder.make(path, holding: image.image)
        }
    }
}
