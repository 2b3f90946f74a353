import SecretMemory

/// A way to write several things as one value, some of which are secret by themselves. One small type each, listed in
/// ``ValueStructure/all``.
protocol ValueStructure: SendableMetatype {
    /// What reports call a part of such a value.
    static var name: String { get }

    /// The secret parts of `value`, as what they stand for; none when the value is not written in this way.
    ///
    /// User names, hosts, ports and what else is no secret are not among them.
    static func parts(of value: RawSpan, in pool: SecretPool) -> [SecretBytes]
}

/// The parts of values that are structured.
enum ValueStructures {
    static let all: [any ValueStructure.Type] = [
        JSONStructure.self, AddressStructure.self, PEMStructure.self, AssignmentStructure.self,
    ]
    /// A part may be structured itself: a key in PEM within JSON, an address in a list of variables.
    private static let maximumDepth = 3
    /// So many parts of a value are known by themselves; more are found within the value only.
    static let maximumPartCount = 64

    /// The secret parts of `value` and of its parts, each with what reports call it.
    static func parts(of value: SecretBytes, in pool: SecretPool) -> [(bytes: SecretBytes, name: String)] {
        var found: [(bytes: SecretBytes, name: String)] = []
        var fresh = [value]
        for _ in 0..<maximumDepth {
            var next: [SecretBytes] = []
            for whole in fresh {
                for structure in all {
                    let parts = whole.withBytes { structure.parts(of: $0, in: pool) }
                    for part in parts where found.count < maximumPartCount && !part.hasSameBytes(as: value) {
                        if found.contains(where: { $0.bytes.hasSameBytes(as: part) }) { continue }
                        found.append((part, structure.name))
                        next.append(part)
                    }
                }
            }
            fresh = next
            if fresh.isEmpty { break }
        }
        return found
    }
}
