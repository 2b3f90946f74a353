import Glibc
import SecretMemory

/// The process's environment variables and its user.
struct ProcessEnvironment: Sendable {
    /// The variable's text; `nil` when it is not set or empty.
    func text(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }

    /// The variable's bytes, not copied anywhere else; `nil` when it is not set or empty.
    func secret(_ name: String, in pool: SecretPool) -> SecretBytes? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return SecretBytes(copying: RawSpan(_unsafeStart: value, byteCount: strlen(value)), in: pool)
    }

    /// The name of the operating system's user, for the audit record.
    var userName: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "uid \(geteuid())" }
        return String(cString: name)
    }

    /// The folder of the workspace: `$HUSH_HOME`, or `.hush` in the user's home.
    ///
    /// - Throws: ``CommandFailure`` when neither is known.
    func workspaceFolder() throws -> String {
        if let folder = text("HUSH_HOME") { return folder }
        if let home = text("HOME") ?? homeOfRecord { return home + "/.hush" }
        throw CommandFailure("The home folder is not known. Set HUSH_HOME to the folder of the workspace.")
    }

    /// The home of the user that the process runs as, whatever `$HOME` says.
    var homeOfRecord: String? {
        guard let entry = getpwuid(geteuid()), let folder = entry.pointee.pw_dir else { return nil }
        return String(cString: folder)
    }
}
