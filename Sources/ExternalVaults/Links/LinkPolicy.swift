/// What the settings of this machine let links reach: a link makes the engine act for somebody, who must not get at
/// more by it.
package struct LinkPolicy: Sendable, Hashable {
    /// The programs that may be run, by their absolute paths.
    package var programs: Set<String>
    /// The directories that may be read, with everything below them.
    package var directories: [String]
    /// The hosts that may be linked: `NAME`, `NAME:PORT`, an address, or `*.SUFFIX`. When there are none, all may be but
    /// those of ``NetworkAddress/isGuarded``.
    package var hosts: [String]
    /// Whether every host may be reached: for calls of somebody who names the vault with a credential of their own, and
    /// gets no further by it than without this program.
    package var reachesEverything = false

    package init(programs: Set<String> = [], directories: [String] = [], hosts: [String] = []) {
        self.programs = programs
        self.directories = directories
        self.hosts = hosts
    }

    /// Whether a host is listed by its name, or its name and port.
    package func lists(host: String, port: Int?) -> Bool {
        reachesEverything
            || hosts.contains { entry in
                if entry.hasPrefix("*.") { return host.hasSuffix(entry.dropFirst().lowercased()) }
                let entry = entry.lowercased()
                return entry == host || port.map { entry == "\(host):\($0)" || entry == "[\(host)]:\($0)" } ?? false
            }
    }

    /// Whether a host may be linked, as far as its name tells.
    package func allows(host: String, port: Int?) -> Bool {
        hosts.isEmpty || lists(host: host, port: port)
    }

    /// Whether a directory may be read; `path` has no symbolic links in it.
    package func allows(directory path: String) -> Bool {
        directories.contains { entry in
            let entry = entry.hasSuffix("/") ? String(entry.dropLast()) : entry
            return path == entry || path.hasPrefix(entry + "/")
        }
    }
}
