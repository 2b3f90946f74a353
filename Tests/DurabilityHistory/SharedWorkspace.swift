/// What workers and their checker agree on beforehand.
package enum SharedWorkspace {
    package static let scope = "payments"
    package static let keys = ["alpha", "beta", "gamma"]
    /// The principals beside the administrator; none has a permission at the beginning.
    package static let principals = ["ana@example.com", "bob@example.com"]
}
