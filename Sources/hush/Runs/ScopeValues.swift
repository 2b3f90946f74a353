import Redaction
import Runs
import SecretScopes

/// The values of scopes, for a redactor.
struct ScopeValues {
    /// So many are read at a time, which then share the commits of their events.
    private static let readsAtATime = 64

    let secrets: any SecretService
    /// The names of the scopes; none stands for all that can be read.
    let scopes: [String]

    private struct Place: Sendable {
        var scope: String
        var key: String
    }

    /// Makes all values known to `redactor`.
    ///
    /// - Returns: The secrets whose values are too short to be redacted, as `scope/key`.
    /// - Throws: ``CommandFailure`` when there are more than can be redacted, before any is read; what the service
    ///   throws for a scope that was named.
    func add(to redactor: Redactor) async throws -> [String] {
        let places = try await places(for: redactor.level)
        var tooShort: [String] = []
        for start in stride(from: 0, to: places.count, by: Self.readsAtATime) {
            try await withThrowingTaskGroup(of: (Place, Secret?).self) { group in
                for place in places[start...].prefix(Self.readsAtATime) {
                    group.addTask { (place, try await read(place)) }
                }
                for try await (place, secret) in group {
                    guard let secret else { continue }
                    let name = "\(place.scope)/\(place.key)"
                    if try add(secret, named: name, to: redactor) == .tooShort { tooShort.append(name) }
                }
            }
        }
        return tooShort.sorted()
    }

    private func add(_ secret: Secret, named name: String, to redactor: Redactor) throws -> ValueStrength {
        do {
            return try redactor.add(
                secret.value, name: name, level: RedactionLevel(atLeast: secret.minimumRedaction))
        } catch {
            throw CommandFailure("The value of \(name) cannot be redacted: \(error).")
        }
    }

    /// The value; `nil` when the secret was deleted in the meantime.
    private func read(_ place: Place) async throws -> Secret? {
        do {
            return try await secrets.getSecret(scope: place.scope, key: place.key)
        } catch let error as ScopeError where error.code == .resourceDoesNotExist {
            return nil
        }
    }

    /// Where the values are, after making sure that they are not too many.
    private func places(for level: RedactionLevel) async throws -> [Place] {
        let all = try await secrets.listScopes()
        let names = scopes.isEmpty ? all.map(\.name) : scopes
        var places: [Place] = []
        var counts: [RedactionLevel: Int] = [:]
        for name in names {
            let keys: [SecretMetadata]
            do {
                keys = try await secrets.listSecrets(scope: name)
            } catch let error as ScopeError where error.code == .permissionDenied && scopes.isEmpty {
                continue
            }
            let minimum = all.first { $0.name.lowercased() == name.lowercased() }?.minimumRedaction ?? .literal
            counts[max(level, RedactionLevel(atLeast: minimum)), default: 0] += keys.count
            places += keys.map { Place(scope: name, key: $0.key) }
        }
        for level in RedactionLevel.allCases.reversed() {
            let count = counts.filter { $0.key >= level }.values.reduce(0, +)
            guard count > level.maximumValueCount else { continue }
            let lower = level > .literal ? ", or redact at a lower level" : ""
            throw CommandFailure(
                "There are \(count) secrets to look for at the level \(level), and no more than "
                    + "\(level.maximumValueCount) can be redacted at it. Name fewer scopes with --scope\(lower).")
        }
        return places
    }
}
