import ArgumentParser
import Glibc
import ScopeManifests
import SecretCrypto
import SecretMemory

/// `hush apply`.
struct ApplyCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Bring the workspace to what manifests describe.",
        discussion: """
            Manifests are the *.yaml files of a folder. They name users, groups, service principals and scopes with \
            permissions and secrets; values stay outside: they come from a variable (env:NAME), a file \
            (file:PATH) or another secret (scope:SCOPE/KEY), are typed once at the terminal (prompt), or made at random \
            once (generate:LENGTH). What is missing is created and what differs is changed; what no manifest names is \
            left alone. Applying again changes nothing. On a terminal you are asked first; hush plan only shows the changes.

            Either all changes are made or none; only what is done in external vaults follows one by one. A new scope \
            with an acl is granted to those in it, and not to you besides. In the audit record all events of an apply \
            have its id: hush audit events --apply ID.

            In place of manifests it takes a plan that hush plan --out saved, and carries out just that, or nothing when \
            what the plan touches was changed since. Values are read from their sources now.

            EXAMPLE:
              hush apply scopes/demo
              hush apply demo.plan
            """
    )

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Ask for the values of prompt again, also where there are some.")
    var askAgain = false

    @OptionGroup var options: ManifestOptions

    func run(in program: Program) async throws {
        let id = Hexadecimal.encode(SystemRandomSource().bytes(count: 16))
        var (plan, target) = try await plan(in: program, apply: id)
        if !plan.changes.isEmpty, try !isConfirmed(plan, in: program) {
            throw CommandFailure("Nothing was changed.")
        }
        try plan.askForValues { scope, key in
            switch try ControllingTerminal.ask("Value of \(scope)/\(key)", in: program) {
            case .line(let value): value
            case .nothing: throw CommandFailure("Nothing was entered for \(scope)/\(key). Nothing was changed.")
            case .noTerminal: nil
            }
        }
        let isText = options.format.output == .text
        let progress = ProgressLine(on: program.errors)
        if plan.isLong { progress.show("Making \(plan.count)...") }
        try await plan.apply(to: target.services, pool: program.pool) { change in
            if plan.isLong { progress.clear() }
            if isText { try program.output.write(change.line) }
        }
        switch options.format.output {
        case .text where plan.changes.isEmpty:
            try program.output.write("Nothing to do.\n")
        case .text:
            try program.output.write("Made \(plan.count).\n")
        case .json:
            try program.output.write(JSON.array(plan.changes.map(\.document)).indented)
        }
    }

    /// What has to be done: what a saved plan says, or what manifests ask for.
    private func plan(
        in program: Program, apply id: String
    ) async throws -> (plan: ManifestPlan, target: ManifestTarget) {
        guard options.paths.count == 1, let saved = try SavedPlan.load(from: options.paths[0]) else {
            let manifest = try options.manifest()
            let target = try await options.target(in: program, apply: id)
            return (
                try await options.plan(manifest, in: program, for: target, asksAgain: askAgain), target
            )
        }
        guard !options.prune else {
            throw UsageFailure("--prune belongs to the plan. Give it to hush plan, and leave it out here.")
        }
        guard !askAgain else {
            throw UsageFailure("--ask-again belongs to manifests. A saved plan tells what is asked for; leave it out.")
        }
        let target = try await options.target(in: program, apply: id)
        guard try await target.workspaceNumber() == saved.workspace else {
            throw CommandFailure("The plan \(options.paths[0]) is for another workspace. Nothing was changed.")
        }
        let plan = try await saved.plan.readingValues(
            by: ValueReader(pool: program.pool), from: target.services)
        return (plan, target)
    }

    /// Shows the plan and asks, when somebody is there to answer.
    private func isConfirmed(_ plan: ManifestPlan, in program: Program) throws -> Bool {
        guard !yes, let input = program.input, isatty(input) == 1 else { return true }
        let lines = plan.changes.map(\.line).joined()
        let removals = plan.removalCount
        let warning = removals == 0 ? "" : ", \(removals) of which take\(removals == 1 ? "s" : "") something away"
        try program.errors.write("\(lines)Make \(plan.count)\(warning)? [y/N] ")
        guard let answer = try SecretLine.read(from: input, limit: 16, in: program.pool) else { return false }
        let text = answer.withBytes { bytes in
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        return ["y", "yes"].contains(text.lowercased())
    }
}
