/// Lets a path reach a route only in the one form in which it is documented.
///
/// The router itself skips empty segments, so that `//api//2.0/` would work here and mean something else to a proxy
/// that guards paths. None of the paths has an escape, an empty segment or a dot segment.
enum ExactPaths {
    static func isExact(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { path in
            guard path.first == UInt8(ascii: "/") else { return false }
            var count = 0
            var dots = 0
            for byte in path.dropFirst() {
                switch byte {
                case UInt8(ascii: "%"):
                    return false
                case UInt8(ascii: "/"):
                    guard isSegment(count, dots) else { return false }
                    count = 0
                    dots = 0
                default:
                    count += 1
                    if byte == UInt8(ascii: ".") { dots += 1 }
                }
            }
            return isSegment(count, dots)
        }
    }

    /// Whether so many bytes, of which so many are dots, may stand between two slashes.
    private static func isSegment(_ count: Int, _ dots: Int) -> Bool {
        count > 0 && !(count == dots && count <= 2)
    }
}
