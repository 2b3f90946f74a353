/// Finds what somebody who mistyped a name probably meant.
package enum NearestName {
    /// The candidate that is nearest to `name`, when it is near enough to be worth mentioning: up to a third of the
    /// longer one's characters wrong, and at most three.
    package static func among(_ candidates: some Sequence<String>, to name: String) -> String? {
        let wanted = Array(name.lowercased().utf8)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let folded = Array(candidate.lowercased().utf8)
            let limit = min(3, max(wanted.count, folded.count) / 3, (best?.distance ?? .max) - 1)
            guard limit >= 0, abs(wanted.count - folded.count) <= limit else { continue }
            let distance = distance(wanted, folded)
            if distance <= limit { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// A sentence to put behind a message; empty when nothing is near.
    package static func hint(among candidates: some Sequence<String>, to name: String) -> String {
        among(candidates, to: name).map { " Did you mean \"\($0)\"?" } ?? ""
    }

    /// The number of characters to insert, delete, replace or swap with a neighbour (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        var current = previous
        for (row, leftByte) in left.enumerated() {
            current[0] = row + 1
            for (column, rightByte) in right.enumerated() {
                var best = min(previous[column + 1] + 1, current[column] + 1)
                best = min(best, previous[column] + (leftByte == rightByte ? 0 : 1))
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current[column + 1] = best
            }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[right.count]
    }
}
