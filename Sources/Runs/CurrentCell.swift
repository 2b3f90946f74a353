internal import Synchronization

/// The cell that a notebook's run is at, so that the audit record can name it.
///
/// The notebook's runner sets it as cells begin and end, the broker reads it for each request.
public final class CurrentCell: Sendable {
    private let cell = Mutex<Int?>(nil)

    /// Creates a place outside any cell.
    public init() {}

    /// The cell's number, from 1; `nil` outside any cell.
    public var number: Int? {
        get { cell.withLock { $0 } }
        set { cell.withLock { $0 = newValue } }
    }
}
