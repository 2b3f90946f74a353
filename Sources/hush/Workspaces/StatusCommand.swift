import ArgumentParser
import Glibc
import SecretMemory
import SecretScopes
import Workspace

/// `hush status`.
struct StatusCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the workspace: where it lies, how it is unlocked, what it holds.",
        discussion: """
            EXAMPLE:
              hush status
            """
    )

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run(in program: Program) async throws {
        let opened = try await WorkspaceAccess(program, workspace).open()
        let status = try opened.status()
        let key = status.keyProvider == KeyFileProvider.kind ? KeyFile(at: workspace.keyFile, of: opened) : nil
        switch format.output {
        case .text: try program.output.write(text(status, key))
        case .json: try program.output.write(document(status, key).indented)
        }
    }

    private func text(_ status: WorkspaceStatus, _ key: KeyFile?) -> String {
        var table = Table(["Workspace", status.id.description])
        table.append(["Store", "\(status.storePath) (\(status.storeBytes) bytes)"])
        if let key {
            table.append(["Key file", key.path])
        } else {
            table.append(["Unlocked by", status.keyProvider])
        }
        table.append(["Scopes", String(status.scopes)])
        table.append(["Secrets", String(status.secrets)])
        table.append(["Principals", String(status.principals)])
        table.append(["Events", String(status.events)])
        table.append(["Memory", memory(status.memory)])
        return table.takeText() + (key.map { $0.liesBesideStore ? "\n" + Self.besideWarning + "\n" : "" } ?? "")
    }

    private static let besideWarning = """
        The key file lies beside the store: whoever gets a copy of the folder can read everything. \
        Move it elsewhere and name it with --key-file.
        """

    private func memory(_ report: SecretPool.Report) -> String {
        var problems: [String] = []
        if report.unlockedBytes > 0 {
            problems.append(
                "\(report.unlockedBytes) of \(report.mappedBytes) bytes could not be locked and may be swapped out; "
                    + "raise `ulimit -l`")
        }
        if report.dumpableBytes > 0 { problems.append("\(report.dumpableBytes) bytes may be in core dumps") }
        return problems.isEmpty ? "locked" : problems.joined(separator: "; ")
    }

    private func document(_ status: WorkspaceStatus, _ key: KeyFile?) -> JSON {
        .object([
            ("workspace", .text(status.id.description)),
            ("store", .text(status.storePath)),
            ("store_bytes", .integer(status.storeBytes)),
            ("key_provider", .text(status.keyProvider)),
            ("key_file", .optional(key?.path)),
            ("key_file_beside_store", key.map { .boolean($0.liesBesideStore) } ?? .null),
            ("scopes", .integer(Int64(status.scopes))),
            ("secrets", .integer(Int64(status.secrets))),
            ("principals", .integer(Int64(status.principals))),
            ("events", .integer(status.events)),
            ("memory_bytes", .integer(Int64(status.memory.mappedBytes))),
            ("memory_unlocked_bytes", .integer(Int64(status.memory.unlockedBytes))),
            ("memory_dumpable_bytes", .integer(Int64(status.memory.dumpableBytes))),
        ])
    }
}

/// The file that a workspace was unlocked with.
private struct KeyFile {
    let path: String
    let liesBesideStore: Bool

    init(at path: String?, of workspace: Workspace) {
        self.path = path ?? WorkspaceAccess.defaultKeyFile(in: workspace.folder)
        let folder = String(self.path.prefix(upTo: self.path.lastIndex(of: "/") ?? self.path.startIndex))
        liesBesideStore = Self.resolved(folder.isEmpty ? "." : folder) == Self.resolved(workspace.folder)
    }

    /// The one path that leads to a folder without symbolic links; `nil` when there is none.
    private static func resolved(_ folder: String) -> String? {
        guard let path = realpath(folder, nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}
