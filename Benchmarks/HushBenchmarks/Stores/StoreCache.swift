import Foundation
import Glibc

/// Generated stores, kept for the next run, and copies of them to work on.
struct StoreCache {
    /// The stores that are measured.
    enum Kind: CaseIterable {
        /// Ten secrets, and a record that is as good as empty.
        case few
        /// The large record.
        case record
        /// Many secrets in many scopes.
        case many
    }

    private let folder: String
    private let size: BenchmarkSize

    /// Uses `folder`, which is created when it is missing. What an earlier run worked on is removed.
    init(folder: String, size: BenchmarkSize) throws {
        self.folder = folder
        self.size = size
        try? FileManager.default.removeItem(atPath: folder + "/work")
        try FileManager.default.createDirectory(atPath: folder + "/work", withIntermediateDirectories: true)
    }

    /// How many secrets each scope of the store has.
    func secretsPerScope(of kind: Kind) -> Int { generator(of: kind).secretsPerScope }

    /// A copy of the store, which is generated when it is not there yet.
    func workingCopy(of kind: Kind) async throws -> WorkingStore {
        let original = try await original(of: kind)
        let copy = WorkingStore(folder: "\(folder)/work/\(UUID().uuidString)", generator: generator(of: kind))
        try copy.fill(from: original)
        return copy
    }

    private func original(of kind: Kind) async throws -> String {
        let generator = generator(of: kind)
        let name = "\(generator.scopes)x\(generator.secretsPerScope)-secrets-\(generator.events)-events"
        let path = folder + "/" + name
        let original = WorkingStore(folder: path, generator: generator, isKept: true)
        if FileManager.default.fileExists(atPath: path) {
            do {
                _ = try await original.open()
                return path
            } catch {
                // Another version of Hush made it.
                try FileManager.default.removeItem(atPath: path)
            }
        }
        // Under another name until it is complete.
        let unfinished = folder + "/work/" + name
        try await generator.generate(in: unfinished)
        try FileManager.default.moveItem(atPath: unfinished, toPath: path)
        return path
    }

    private func generator(of kind: Kind) -> StoreGenerator {
        switch kind {
        case .few: StoreGenerator(scopes: 1, secretsPerScope: 10, users: 0, events: 0)
        case .record: StoreGenerator(scopes: 10, secretsPerScope: 100, users: 20, events: size.events)
        case .many:
            StoreGenerator(scopes: size.scopes, secretsPerScope: size.secretsPerScope, users: 0, events: 0)
        }
    }
}
