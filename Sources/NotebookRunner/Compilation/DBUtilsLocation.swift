internal import Glibc

/// Where the compiled `DBUtils` is, which notebooks import: `DBUtils.swiftinterface` and `libDBUtils.so` in one folder.
public struct DBUtilsLocation: Sendable, Hashable {
    /// The folder's path.
    public let folder: String

    /// Uses the files in `folder`.
    ///
    /// - Throws: ``NotebookError`` when they are not there.
    public init(folder: String) throws(NotebookError) {
        guard let folder = Self.folder(folder) else {
            throw NotebookError(
                .missingLibrary,
                "DBUtils.swiftinterface and libDBUtils.so are not in \(folder). Build them with "
                    + "scripts/build-dbutils.sh \(folder)."
            )
        }
        self.folder = folder
    }

    /// Looks beside the running program: in `../lib/hush/swift` (an installed hush), then in `hush-dbutils` (a folder
    /// of builds).
    ///
    /// - Throws: ``NotebookError`` when the files are in neither.
    public static func besideExecutable() throws(NotebookError) -> DBUtilsLocation {
        let executable = realpath("/proc/self/exe", nil).map { path in
            defer { free(path) }
            return String(cString: path)
        }
        let parent = (executable ?? "").split(separator: "/").dropLast().map { "/\($0)" }.joined()
        for folder in ["\(parent)/../lib/hush/swift", "\(parent)/hush-dbutils"] {
            if let location = try? DBUtilsLocation(folder: folder) { return location }
        }
        throw NotebookError(
            .missingLibrary,
            "DBUtils, which notebooks import, is neither in \(parent)/../lib/hush/swift nor in \(parent)/hush-dbutils. "
                + "Install hush with `make install`, or run scripts/build-dbutils.sh \(parent)/hush-dbutils."
        )
    }

    var interface: String { "\(folder)/DBUtils.swiftinterface" }
    var library: String { "\(folder)/libDBUtils.so" }

    /// The folder's path without links, when both files are in it.
    private static func folder(_ path: String) -> String? {
        guard access("\(path)/DBUtils.swiftinterface", R_OK) == 0, access("\(path)/libDBUtils.so", R_OK) == 0,
            let folder = realpath(path, nil)
        else { return nil }
        defer { free(folder) }
        return String(cString: folder)
    }
}
