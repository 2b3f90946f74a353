internal import Foundation
internal import Glibc

/// A folder for one run's compilations, which nobody else can read, and which goes with its last reference.
final class WorkFolder: Sendable {
    let path: String

    /// Creates the folder in `parent`.
    init(in parent: String) throws(NotebookError) {
        let template = "\(parent)/run-XXXXXX"
        var bytes = template.utf8CString
        let path = bytes.withUnsafeMutableBufferPointer { bytes -> String? in
            guard let base = bytes.baseAddress, mkdtemp(base) != nil else { return nil }
            return String(cString: base)
        }
        guard let path else {
            throw NotebookError(
                .unusableCache,
                "No folder can be made in \(parent): \(String(cString: strerror(errno))). Free some space there, or let "
                    + "hush write there."
            )
        }
        self.path = path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes `text` to the file `name`, in folders of its own if the name has any, and returns the file's path.
    func write(_ text: String, to name: String) throws(NotebookError) -> String {
        let parts = name.split(separator: "/")
        var folder = path
        for part in parts.dropLast() {
            folder += "/\(part)"
            mkdir(folder, 0o700)
        }
        let file = "\(path)/\(name)"
        try PrivateFile.write(Array(text.utf8), to: file)
        return file
    }
}
