internal import Glibc

extension Notebook {
    /// The most bytes that a notebook's file may have: 64 MiB.
    public static let maximumFileSize = 64 * 1024 * 1024

    /// Reads the notebook in the file at `path`: `.ipynb` (nbformat 4), or Swift in Databricks' source format.
    ///
    /// - Throws: ``NotebookError`` when there is no such file, it cannot be read, is no notebook, is in another
    ///   language than Swift, or holds a magic command other than `%md`.
    public init(contentsOf path: String) throws(NotebookError) {
        let bytes = try FileContents.read(path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        try self.init(name: name, bytes: bytes)
    }

    /// Reads the notebook that `bytes` are the file of, whose name decides on the format.
    ///
    /// - Throws: ``NotebookError``; see ``init(contentsOf:)``.
    public init(name: String, bytes: [UInt8]) throws(NotebookError) {
        guard !bytes.isEmpty else { throw .unreadable(name, "it is empty") }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(name, "it is not UTF-8 text")
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        if name.lowercased().hasSuffix(".ipynb") {
            try self.init(name: name, cells: JupyterFormat.cells(of: text, name: name))
        } else {
            try self.init(name: name, cells: DatabricksSource.cells(of: text, name: name))
        }
    }
}

/// Reads a whole file.
private enum FileContents {
    static func read(_ path: String) throws(NotebookError) -> [UInt8] {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path, "it is not a file") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path, String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= Notebook.maximumFileSize else {
                throw .unreadable(path, "it has more than \(Notebook.maximumFileSize) bytes")
            }
        }
    }
}
