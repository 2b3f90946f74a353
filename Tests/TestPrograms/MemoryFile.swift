import Foundation
import Glibc

/// A file without a name, which other code of this process, and programs that it starts, can read by a path. It is gone with
/// this object.
package final class MemoryFile: Sendable {
    private let descriptor: Int32

    package init(_ text: String) {
        // mkstemp(3) asks for these six letters and puts others in their place.
        var path = Array((FileManager.default.temporaryDirectory.path + "/file-XXXXXX").utf8CString)
        descriptor = mkstemp(&path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
        replace(with: text)
    }

    deinit {
        close(descriptor)
    }

    /// Its path, as long as it lives.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    package func replace(with text: String) {
        let bytes = Array(text.utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, bytes, bytes.count, 0)
    }
}
