import DurabilityHistory
import RepeatableRandomness

/// What a disk holds of a folder while programs write into it: the bytes and names that are durable, and what was done
/// since and may or may not have landed.
///
/// A sector of 512 bytes is written whole or not at all. Between two syncs of a file its writes land in any order.
struct DiskModel {
    enum Change {
        case write(offset: Int, bytes: UnsafeRawBufferPointer)
        case truncate(Int)
    }

    enum NameChange {
        case made(String, file: Int)
        case deleted(String)
    }

    private struct File {
        var durable: [UInt8] = []
        var unsynced: [Change] = []
    }

    /// Which part of what was not synced has landed when the power is cut.
    enum Landing {
        case nothing
        case everything
        /// Everything, but of the very last write only this part.
        case torn(numerator: Int, denominator: Int)
        /// The files have their new lengths, but the bytes did not land.
        case lengths
        /// Each change by the toss of a coin that shows heads in so many of a hundred throws; whole changes or single
        /// sectors.
        case some(percent: Int, bySector: Bool)
    }

    static let sectorSize = 512

    private var files: [Int: File] = [:]
    private var durableNames: [String: Int] = [:]
    private var unsyncedNames: [NameChange] = []
    private let fileName: (Int) -> String

    /// A disk with these files, all durable. `fileName` gives the name to a file's number in the log.
    init(_ initial: [String: [UInt8]] = [:], fileName: @escaping (Int) -> String) {
        self.fileName = fileName
        for (index, file) in initial.enumerated() {
            files[-1 - index] = File(durable: file.value)
            durableNames[file.key] = -1 - index
        }
    }

    /// Whether anything waits for a sync.
    var isSynced: Bool { unsyncedNames.isEmpty && files.values.allSatisfy(\.unsynced.isEmpty) }

    // MARK: What programs do

    mutating func apply(_ entry: FileWatch.Entry, random: inout SeededGenerator) {
        switch entry.event {
        case .open(let existed): open(entry.file, existed: existed)
        case .write(let offset, let bytes):
            files[entry.file]?.unsynced.append(.write(offset: offset, bytes: bytes))
        case .truncate(let length): files[entry.file]?.unsynced.append(.truncate(length))
        case .sync: settle(entry.file, .everything, &random)
        case .failedSync:
            // The kernel may have written all, some or nothing of it, and will not write the rest later.
            let landing = [Landing.nothing, .everything, .some(percent: 50, bySector: true)].randomElement(
                using: &random)
            settle(entry.file, landing ?? .nothing, &random)
        case .syncFolder:
            durableNames = names(.everything, &random)
            unsyncedNames = []
        case .delete: unsyncedNames.append(.deleted(fileName(entry.file)))
        case .mark: break
        }
    }

    private mutating func open(_ number: Int, existed: Bool) {
        let name = fileName(number)
        if existed, let known = durableNames[name], known < 0 {
            files[number] = files.removeValue(forKey: known)
            durableNames[name] = number
        } else {
            files[number] = File()
            unsyncedNames.append(.made(name, file: number))
        }
    }

    private mutating func settle(_ number: Int, _ landing: Landing, _ random: inout SeededGenerator) {
        guard var file = files.removeValue(forKey: number) else { return }
        for change in file.unsynced { Self.land(change, landing, in: &file.durable, &random) }
        file.unsynced = []
        files[number] = file
    }

    // MARK: What a power cut leaves

    /// The files and their bytes.
    func image(_ landing: Landing, random: inout SeededGenerator) -> [String: [UInt8]] {
        var image: [String: [UInt8]] = [:]
        for (name, number) in names(landing, &random).sorted(by: { $0.key < $1.key }) {
            guard let file = files[number] else { continue }
            var bytes = file.durable
            for (index, change) in file.unsynced.enumerated() {
                if case .torn = landing, index < file.unsynced.count - 1 {
                    Self.land(change, .everything, in: &bytes, &random)
                } else {
                    Self.land(change, landing, in: &bytes, &random)
                }
            }
            image[name] = bytes
        }
        return image
    }

    private func names(_ landing: Landing, _ random: inout SeededGenerator) -> [String: Int] {
        var names = durableNames
        for change in unsyncedNames {
            switch landing {
            case .nothing: continue
            case .some(let percent, _): guard Int.random(in: 0..<100, using: &random) < percent else { continue }
            case .everything, .torn, .lengths: break
            }
            switch change {
            case .made(let name, let file): names[name] = file
            case .deleted(let name): names[name] = nil
            }
        }
        return names
    }

    private static func land(
        _ change: Change, _ landing: Landing, in file: inout [UInt8], _ random: inout SeededGenerator
    ) {
        switch (change, landing) {
        case (_, .nothing): return
        case (.truncate(let length), .some(let percent, _)):
            if Int.random(in: 0..<100, using: &random) < percent { resize(&file, to: length) }
        case (.truncate(let length), _): resize(&file, to: length)
        case (.write(let offset, let bytes), .everything): write(bytes, at: offset, in: &file)
        case (.write(let offset, let bytes), .lengths):
            if file.count < offset + bytes.count { resize(&file, to: offset + bytes.count) }
        case (.write(let offset, let bytes), .torn(let numerator, let denominator)):
            let middle = offset + bytes.count * numerator / denominator
            let end = middle / sectorSize * sectorSize
            if end > offset { write(UnsafeRawBufferPointer(rebasing: bytes[..<(end - offset)]), at: offset, in: &file) }
        case (.write(let offset, let bytes), .some(let percent, let bySector)):
            var position = offset
            var lands = Int.random(in: 0..<100, using: &random) < percent
            while position < offset + bytes.count {
                let end = bySector ? (position / sectorSize + 1) * sectorSize : offset + bytes.count
                let part = position - offset..<min(end - offset, bytes.count)
                if lands { write(UnsafeRawBufferPointer(rebasing: bytes[part]), at: position, in: &file) }
                position = end
                if bySector { lands = Int.random(in: 0..<100, using: &random) < percent }
            }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, in file: inout [UInt8]) {
        if file.count < offset + bytes.count { resize(&file, to: offset + bytes.count) }
        file.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + bytes.count]).copyMemory(from: bytes)
        }
    }

    private static func resize(_ file: inout [UInt8], to length: Int) {
        // In one piece: appending byte by byte would take most of the tests' time.
        var resized = [UInt8](repeating: 0, count: length)
        resized.withUnsafeMutableBytes { target in
            file.withUnsafeBytes { source in
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(length)))
            }
        }
        file = resized
    }
}
