import Foundation
import ScopeManifests
import SecretMemory
import SecretScopes
import Workspace

/// What one process did with manifests, and what that took.
struct ApplyStep {
    /// Reading the manifests.
    var parseSeconds: Double
    /// Opening the workspace and comparing it.
    var planSeconds: Double
    /// Making the changes.
    var applySeconds: Double
    /// How many changes there were.
    var changes: Int
    /// The most memory that the process ever had, in bytes.
    var peak: Int

    /// All of it.
    var seconds: Double { parseSeconds + planSeconds + applySeconds }

    /// Compares the manifests in a folder with a workspace, and applies them unless `onlyPlans`.
    init(in folder: String, manifests: String, onlyPlans: Bool) async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        let manifest = try Manifest.load(from: [manifests])
        let parsed = clock.now
        let store = try await WorkingStore.existing(folder).open()
        let services = try store.services()
        let pool = store.workspace.pool
        let values = ValueReader(pool: pool) { name in
            SecretBytes(copying: Array("\(name)_of_the_benchmark_0123456789".utf8.prefix(32)).span.bytes, in: pool)
        }
        let plan = try await ManifestPlan(
            for: manifest, in: services, values: values, canonicalAddress: { $0.address.value })
        let planned = clock.now
        if !onlyPlans { try await plan.apply(to: services, pool: pool) { _ in } }
        parseSeconds = (parsed - begin).seconds
        planSeconds = (planned - parsed).seconds
        applySeconds = (clock.now - planned).seconds
        changes = plan.changes.count
        peak = try ResidentMemory.peak()
    }

    /// Reads what ``text`` wrote.
    init?(text: String) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 5, let parse = Double(words[0]), let plan = Double(words[1]), let apply = Double(words[2]),
            let changes = Int(words[3]), let peak = Int(words[4])
        else { return nil }
        (parseSeconds, planSeconds, applySeconds) = (parse, plan, apply)
        (self.changes, self.peak) = (changes, peak)
    }

    /// The figures in one line.
    var text: String { "\(parseSeconds) \(planSeconds) \(applySeconds) \(changes) \(peak)" }
}
