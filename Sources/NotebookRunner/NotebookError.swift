/// Why a notebook was not run at all.
///
/// What goes wrong while it runs is in its ``NotebookReport``.
public struct NotebookError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed.
    public enum Code: Sendable, Hashable {
        /// The file cannot be read, or is no notebook in Swift.
        case unreadableNotebook
        /// A cell holds something that is refused before anything runs.
        case refusedCell
        /// There is no Swift compiler.
        case missingCompiler
        /// `DBUtils`, which notebooks import, is not where it should be.
        case missingLibrary
        /// The compiler failed in another way than by an error in a cell.
        case compilerFailure
        /// The folder of builds cannot be used.
        case unusableCache
        /// A file cannot be written.
        case unwritableFile
    }

    /// What failed.
    public let code: Code
    /// What failed and what to do, in one sentence or two that name the thing.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    static func unreadable(_ name: String, _ reason: String) -> NotebookError {
        NotebookError(.unreadableNotebook, "The notebook \(name) cannot be read: \(reason).")
    }

    static func refused(_ name: String, cell: Int, line: Int, _ reason: String) -> NotebookError {
        NotebookError(.refusedCell, "The notebook \(name) is not run: cell \(cell), line \(line): \(reason).")
    }
}
