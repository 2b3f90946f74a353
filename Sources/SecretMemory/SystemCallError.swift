import Glibc

/// A system call that failed, with its `errno`.
public struct SystemCallError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The call's name, such as `read`.
    public var call: String
    /// The value of `errno`.
    public var number: Int32

    /// Creates the error for `call` that failed with `number`.
    public init(call: String, number: Int32) {
        self.call = call
        self.number = number
    }

    /// The call and the system's own words for the error.
    public var description: String {
        "\(call): \(String(cString: strerror(number)))"
    }
}
