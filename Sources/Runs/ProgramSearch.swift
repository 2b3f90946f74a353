internal import Glibc

/// Finds the file of a command as a shell does.
struct ProgramSearch {
    /// The environment whose `PATH` counts.
    let environment: ChildEnvironment

    /// The path of the program `name`: the name itself when it has a slash, else the first executable file of that name
    /// in the folders of `PATH`.
    ///
    /// - Throws: ``ChildProcessError`` whose ``ChildProcessError/executionError`` is `ENOENT` when there is none, `EACCES`
    ///   when what there is cannot be executed.
    func path(of name: String) throws(ChildProcessError) -> String {
        guard !name.isEmpty else { throw .notFound(name) }
        guard !name.contains("/") else { return name }
        var isThere = false
        // As the C library has it when the variable is missing; an empty entry stands for the current folder.
        let folders = environment["PATH"] ?? "/bin:/usr/bin"
        for folder in folders.split(separator: ":", omittingEmptySubsequences: false) {
            let path = folder.isEmpty ? "./" + name : folder + "/" + name
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if access(path, X_OK) == 0 { return path }
            isThere = true
        }
        guard isThere else { throw .notFound(name) }
        throw .notExecutable(name)
    }
}
