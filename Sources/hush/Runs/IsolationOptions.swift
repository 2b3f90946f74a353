import ArgumentParser
import Runs

/// Whether a run is kept from the workspace's files.
struct IsolationOptions: ParsableArguments {
    enum Choice: String, CaseIterable, ExpressibleByArgument {
        /// Where the system allows it; where it does not, that is said.
        case auto
        /// Or the run does not start.
        case required
        case off
    }

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Hide the workspace, its key file and ~/.databrickscfg from the run, by bubblewrap. A run that needs sudo, or "
                + "the rights of root, wants off.",
            valueName: "when"
        )
    )
    var isolation = Choice.auto

    /// Where bubblewrap is looked for too, whatever `PATH` is given to the run.
    private static let systemPath = "/usr/local/bin:/usr/bin:/bin"

    /// The namespaces for a run; `nil` when it goes without, which is said on standard error.
    ///
    /// - Parameter keyFile: The file with the workspace's root key, if there is one.
    /// - Throws: ``CommandFailure`` when isolation is required and cannot be had.
    func make(workspace folder: String, keyFile: String?, in program: Program) async throws -> RunIsolation? {
        let reason: String
        if isolation == .off {
            reason = "--isolation is off"
        } else {
            do {
                return try await RunIsolation.make(
                    hiding: hiddenPlaces(folder, keyFile, program.environment),
                    path: [program.environment.text("PATH"), Self.systemPath].compactMap(\.self).joined(separator: ":")
                )
            } catch {
                reason = error.description
            }
        }
        guard isolation != .required else {
            throw CommandFailure(
                "The run cannot be isolated: \(reason). Install bubblewrap, and allow user namespaces.")
        }
        program.errors.writeMessage(
            "Note: the run can reach your files, the workspace and its key file among them: \(reason). Run only what "
                + "you trust."
        )
        return nil
    }

    private func hiddenPlaces(
        _ folder: String,
        _ keyFile: String?,
        _ environment: ProcessEnvironment
    ) -> RunIsolation.HiddenPlaces {
        var places = RunIsolation.HiddenPlaces()
        places.insert(folder)
        if let keyFile { places.insert(keyFile) }
        if let file = environment.text("DATABRICKS_CONFIG_FILE") { places.insert(file) }
        for home in Set([environment.text("HOME"), environment.homeOfRecord].compactMap(\.self)) {
            places.insert(home + "/.databrickscfg")
            // Where Databricks' command line keeps the tokens that it got.
            places.insert(home + "/.databricks/token-cache.json")
        }
        return places
    }
}
