import ArgumentParser
import Glibc
import Runs
import ScopeManifests

/// `hush plan`.
struct PlanCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what hush apply would change, and change nothing.",
        discussion: """
            One line for each change: + for what is new, ~ for what is changed, with what it was before, and - for what is \
            taken away, which only --prune does. Of a secret only its name and where its value comes from is shown, and \
            it is listed only when the values differ. The workspace compares them and records that.

            The exit status is 0 when there is nothing to do, 2 when there are changes, and 1 when something is wrong. \
            With --detailed it is 3 when somebody changed by hand, and not by hush apply, what the plan would change.

            EXAMPLE:
              hush plan scopes/demo
              hush plan scopes/demo -o json --profile production
              hush plan scopes/demo --out demo.plan
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Save the plan, without any value, to this new file, which hush apply then carries out.",
            valueName: "path"),
        completion: .file()
    )
    var out: String?

    @Flag(help: "Replace the file if there is one.")
    var force = false

    @Flag(help: "Tell who changed what differs, and when.")
    var detailed = false

    @OptionGroup var options: ManifestOptions

    func run(in program: Program) async throws {
        guard out != nil || !force else {
            throw UsageFailure("--force goes with --out. Give the file, or leave it out.")
        }
        let file = out.map { PrivateFile(path: $0, replaces: force) }
        try file?.check()
        // The manifests first: what is wrong in them shows without a passphrase or a server.
        let manifest = try options.manifest()
        let target = try await options.target(in: program)
        let plan = try await options.plan(manifest, in: program, for: target)
        if let file {
            let saved = SavedPlan(plan, workspace: try await target.workspaceNumber(), folder: try Self.folder())
            try saved.text.withUnsafeBytes { try file.write($0) }
        }
        let drift = detailed ? try await DriftReport(of: plan, asking: target.events) : nil
        switch options.format.output {
        case .text where plan.changes.isEmpty:
            try program.output.write("Nothing to do.\n")
        case .text:
            for (index, change) in plan.changes.enumerated() {
                try program.output.write(change.line + (drift?.line(at: index) ?? ""))
            }
            try program.output.write("Would make \(plan.count).\n")
        case .json:
            let documents = plan.changes.enumerated().map { index, change in
                change.document(with: drift.map { ("last_change", $0.document(at: index)) })
            }
            try program.output.write(JSON.array(documents).indented)
        }
        if drift?.isByHand == true { throw PassedOnEnding(status: .exited(ExitStatus.drift)) }
        guard plan.changes.isEmpty else { throw PassedOnEnding(status: .exited(ExitStatus.changes)) }
    }

    /// The folder that relative paths begin at.
    private static func folder() throws -> String {
        guard let path = getcwd(nil, 0) else {
            throw CommandFailure("The current folder is not known (\(String(cString: strerror(errno)))).")
        }
        defer { free(path) }
        return String(cString: path)
    }
}
