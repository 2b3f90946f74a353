internal import CLinux
internal import Glibc
internal import Processes

/// A user and a mount namespace in which files are hidden from a run.
///
/// bubblewrap makes them; what is left is two descriptors, through which each of the run's programs enters them before
/// it begins. The program stays a child of this process like any other: its group, its terminal, its signals and its
/// status are its own. In its own user namespace it has no capability and can gain none, also not by a program that
/// would give it one; it cannot undo the mounts, and it cannot look into processes outside, whatever user they run as.
public final class RunIsolation: Sendable {
    let userNamespace: OwnedDescriptor
    let mountNamespace: OwnedDescriptor

    /// Why there is no isolation.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is missing or refused, for people.
        public let description: String
    }

    /// What a run must not see.
    public struct HiddenPlaces: Sendable, Hashable {
        /// Folders, which appear empty.
        public var folders: Set<String> = []
        /// Files, which cannot be opened.
        public var files: Set<String> = []

        /// Hides nothing.
        public init() {}

        /// Adds what is at `path`, wherever it leads, provided that there is something.
        public mutating func insert(_ path: String) {
            guard let resolved = realpath(path, nil) else { return }
            defer { free(resolved) }
            var status = stat()
            guard stat(resolved, &status) == 0 else { return }
            let name = String(cString: resolved)
            if status.st_mode & S_IFMT == S_IFDIR { folders.insert(name) } else { files.insert(name) }
        }
    }

    private init(userNamespace: OwnedDescriptor, mountNamespace: OwnedDescriptor) {
        self.userNamespace = userNamespace
        self.mountNamespace = mountNamespace
    }

    /// Makes namespaces in which `places` are hidden.
    ///
    /// - Parameter path: Where bubblewrap is looked for, as the value of `PATH`.
    /// - Throws: ``Failure`` when bubblewrap is missing or the system does not let it.
    public static func make(hiding places: HiddenPlaces, path: String) async throws(Failure) -> RunIsolation {
        let environment = ChildEnvironment(["PATH": path])
        let bubblewrap: String
        do {
            bubblewrap = try ProgramSearch(environment: environment).path(of: "bwrap")
        } catch {
            throw Failure(description: "bubblewrap (bwrap) is not installed")
        }
        // On a thread that lives until bubblewrap has ended: it dies with the thread that started it.
        let result = await DedicatedThread.run { () -> Result<RunIsolation, Failure> in
            Result { () throws(Failure) in
                let maker = NamespaceMaker(
                    program: bubblewrap, arguments: arguments(hiding: places), environment: environment)
                let namespaces = try maker.make()
                return RunIsolation(userNamespace: namespaces.user, mountNamespace: namespaces.mount)
            }
        }
        return try result.get()
    }

    private static func arguments(hiding places: HiddenPlaces) -> [String] {
        func isHidden(_ path: String) -> Bool { places.folders.contains { path.hasPrefix($0 + "/") } }
        // Also for root, who would need no user namespace to make the mounts, but would keep the right to undo them.
        var arguments = ["--unshare-user", "--dev-bind", "/", "/"]
        for file in places.files.sorted() where !isHidden(file) {
            // A device that, mounted like this, cannot be opened.
            arguments += ["--ro-bind", "/dev/null", file]
        }
        for folder in places.folders.sorted() where !isHidden(folder) {
            arguments += ["--tmpfs", folder, "--remount-ro", folder]
        }
        return arguments
    }
}
