import ArgumentParser
import Runs
import ScopeManifests

/// `hush plan`.
struct PlanCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what hush apply would change, and change nothing.",
        discussion: """
            One line for each change: + for what is new and ~ for what is changed, with what it was before. Of a secret \
            only its name and where its value comes from is shown, and it is listed only when the values differ, for \
            which the present one is read and the read recorded.

            The exit status is 0 when there is nothing to do, 2 when there are changes, and 1 when something is wrong.

            EXAMPLE:
              hush plan scopes/demo
              hush plan scopes/demo -o json --profile production
            """
    )

    @OptionGroup var options: ManifestOptions

    func run(in program: Program) async throws {
        let (plan, _) = try await options.plan(in: program)
        switch options.format.output {
        case .text where plan.changes.isEmpty:
            try program.output.write("Nothing to do.\n")
        case .text:
            for change in plan.changes { try program.output.write(change.line) }
            try program.output.write("Would make \(plan.count).\n")
        case .json:
            try program.output.write(JSON.array(plan.changes.map(\.document)).indented)
        }
        guard plan.changes.isEmpty else { throw PassedOnEnding(status: .exited(ExitStatus.changes)) }
    }
}
