import SecretScopes

/// Does what `hush import` and `hush push` have in common.
struct TransferRun {
    let source: any TransferSource
    let target: any TransferTarget
    let options: TransferOptions
    let format: OutputFormat
    let program: Program
    /// Where it is told what was done: not where the secrets themselves are written.
    let output: TextOutput

    func callAsFunction() async throws {
        let permissions = try permissionTransfer()
        let transfer = Transfer(
            source: source, target: target, mapping: try options.mapping(), only: options.only,
            overwrites: options.overwrite, progress: TransferProgress(line: ProgressLine(on: program.errors)))
        let items = try await transfer.items()
        var granted: [ACLItem] = []
        if options.dryRun {
            granted = try await permissions?.items() ?? []
            for item in items { try show(item) }
            for item in granted { try show(item) }
        } else {
            try await transfer.carryOut(items, didWrite: show)
            // Without values to write, nothing has made the scope yet.
            if permissions != nil, items.allSatisfy({ $0.state == .equal }) { try await target.prepare() }
            try await permissions?.carryOut { item in
                granted.append(item)
                try show(item)
            }
        }
        switch format {
        case .text: try output.write(summary(items) + "\n")
        case .json: try output.write(document(items, granted).indented)
        }
    }

    private func permissionTransfer() throws -> PermissionTransfer? {
        guard options.acl else { return nil }
        guard let source = source as? any TransferPermissions, let target = target as? any TransferPermissions else {
            throw UsageFailure(
                "--acl is for scopes of two workspaces: \(self.source.title) and \(self.target.title) are not.")
        }
        return PermissionTransfer(source: source, target: target)
    }

    // MARK: Telling

    /// `+` for what is new, `~` for what is replaced, `=` for what is there.
    private func show(_ item: Transfer.Item) throws {
        guard format == .text else { return }
        let sign =
            switch item.state {
            case .new: "+"
            case .differs: "~"
            case .equal: "="
            }
        try output.write(TextOutput.printable("\(sign) \(item.name)") + "\n")
    }

    private func show(_ item: ACLItem) throws {
        guard format == .text else { return }
        try output.write(TextOutput.printable("+ \(item.permission) for \(item.principal)") + "\n")
    }

    private func summary(_ items: [Transfer.Item]) -> String {
        let moved = items.filter { $0.state != .equal }.count
        let equal = items.count - moved
        let verb = options.dryRun ? "Would copy" : "Copied"
        let there = equal == 1 ? "1 was there already." : "\(equal) were there already."
        return "\(verb) \(moved == 1 ? "1 secret" : "\(moved) secrets") to \(target.title)"
            + (equal > 0 ? "; \(there)" : ".")
    }

    private func document(_ items: [Transfer.Item], _ granted: [ACLItem]) -> JSON {
        let secrets = items.map { item in
            let action =
                switch item.state {
                case .new: "create"
                case .differs: "replace"
                case .equal: "none"
                }
            return JSON.object([
                ("action", .text(action)), ("name", .text(item.source)), ("target_name", .text(item.target)),
            ])
        }
        let grants = granted.map { item in
            JSON.object([("permission", .text(item.permission.description)), ("principal", .text(item.principal))])
        }
        return .object([
            ("acl", .array(grants)), ("dry_run", .boolean(options.dryRun)), ("secrets", .array(secrets)),
            ("source", .text(source.title)), ("target", .text(target.title)),
        ])
    }
}
