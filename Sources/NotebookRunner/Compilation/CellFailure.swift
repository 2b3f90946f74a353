/// A cell that does not compile, and why.
struct CellFailure: Sendable {
    /// The cell's number.
    var cell: Int
    /// What the compiler says about it, or we.
    var diagnostics: [CellDiagnostic]
}
