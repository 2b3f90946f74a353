internal import Glibc

/// The variables that the run gave to this process.
enum ProcessEnvironment {
    /// The value of the variable `name`, or `nil` when it is not set.
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
