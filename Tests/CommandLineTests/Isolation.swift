import Foundation
import Glibc

/// Whether this machine lets runs be isolated, and what they say where it does not.
enum Isolation {
    /// Whether bubblewrap is there and may make namespaces.
    static let isAvailable: Bool = {
        let call = HushProcess(
            arguments: ["--unshare-user", "--dev-bind", "/", "/", "true"],
            environment: ["PATH": searchPath],
            program: "bwrap"
        )
        guard let outcome = try? call.run() else { return false }
        return outcome.status == 0
    }()

    /// How the note begins that a run says when it is not isolated.
    static let note = "Note: the run can reach your files, the workspace and its key file among them: "

    static var searchPath: String {
        ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    }

    /// `text` without that note, where runs cannot be isolated; as it is where they can, so that a note there is found.
    static func removingNote(from text: String) -> String {
        guard text.contains(note), !isAvailable else { return text }
        return text.replacing(#/Note: the run can reach [^\n]*\n/#, with: "")
    }
}
