import DatabricksAPI
import Glibc
import SecretMemory
import SecretScopes
import Workspace

/// What stands behind `--from` or `--to`: a file, a vault's address, or a scope of another workspace.
struct TransferAddress {
    /// The place as it was given; `nil` when only a profile was.
    let text: String?
    /// The profile of the other workspace.
    let profile: String?
    let options: TransferOptions
    /// Reads credentials that are secrets of this workspace.
    let secrets: any SecretService
    let program: Program

    /// What the audit record gives as the reason, after `import from` or `push to`.
    static func reason(_ text: String?, profile: String?) -> String {
        let place = text ?? ""
        guard let profile else { return String(place.prefix(200)) }
        return String("\(profile) \(place)".prefix(200))
    }

    /// Another place with secrets to read.
    func source(scope: String) async throws -> any TransferSource {
        switch try kind() {
        case .profile(let name): return try profilePlace(name, scope: text ?? scope)
        case .workspace(let address): return try await workspacePlace(address)
        case .vault(let address): return try vaultPlace(address, scope: scope, isWritten: false)
        case .file(let path, let format):
            try refuseVaultOptions()
            return try SecretTextSource(path: path, format: format, in: program)
        }
    }

    /// Another place to write secrets to.
    ///
    /// - Parameter replaces: Whether it takes the place of a file that is there.
    func target(scope: String, replaces: Bool) async throws -> any TransferTarget {
        let kind = try kind()
        if case .file = kind {
        } else if replaces {
            throw UsageFailure("--force is for files. Use --overwrite for values that differ.")
        }
        switch kind {
        case .profile(let name): return try profilePlace(name, scope: text ?? scope)
        case .workspace(let address): return try await workspacePlace(address)
        case .vault(let address): return try vaultPlace(address, scope: scope, isWritten: true)
        case .file(let path, let format):
            try refuseVaultOptions()
            return SecretTextTarget(path: path, format: format, replaces: replaces, in: program)
        }
    }

    private enum Kind {
        case profile(String)
        case workspace(String)
        case vault(String)
        case file(String, SecretTextFormat)
    }

    private func kind() throws -> Kind {
        if let profile {
            try refuseVaultOptions()
            return .profile(profile)
        }
        let text = text ?? ""
        if text.contains("://") {
            guard options.format == nil else { throw UsageFailure("--format is for files. Leave it out.") }
            return text.lowercased().hasPrefix("databricks://") ? .workspace(text) : .vault(text)
        }
        guard let format = options.format ?? (text == "-" ? .json : SecretTextFormat(file: text)) else {
            throw UsageFailure(
                "\(text) is no address, and its name tells no form. Write KIND://…, a file that ends in .env or .json, or "
                    + "give its form by --format.")
        }
        return .file(text, format)
    }

    private func refuseVaultOptions() throws {
        guard options.given.isEmpty, options.credential == nil else {
            throw UsageFailure("--option and --credential are for addresses. Leave them out.")
        }
    }

    // MARK: Vaults

    private func vaultPlace(_ address: String, scope: String, isWritten: Bool) throws -> VaultPlace {
        var values = try options.addressOptions()
        if isWritten, values["writable"] == nil { values["writable"] = "true" }
        let vault = try VaultConnection(
            scope: scope, address: address, options: values, credential: options.credential,
            readSecret: { [secrets] scope, key in
                try await secrets.getSecret(scope: scope.rawValue, key: key.rawValue).value
            },
            pool: program.pool)
        return VaultPlace(vault: vault, errors: program.errors)
    }

    // MARK: Workspaces

    private func profilePlace(_ name: String, scope: String) throws -> ScopePlace {
        var choice = ServerChoice()
        choice.profile = name
        guard let connection = try ServerConnection.find(choice, in: program) else {
            throw CommandFailure("There is no profile \(name).")
        }
        return ScopePlace(
            service: try connection.client(in: program), scope: scope, host: connection.host.description,
            pool: program.pool)
    }

    /// `databricks://HOST/SCOPE`, with the options and credential that a link has.
    private func workspacePlace(_ address: String) async throws -> ScopePlace {
        let values = try options.addressOptions()
        let stored = try LinkSettings.storedAddress(of: address, options: values, credential: options.credential)
        for name in values.keys.sorted() where !["auth", "ca-file", "client-id", "endpoint"].contains(name) {
            throw UsageFailure("The option \(name) is for links. Leave it out.")
        }
        let parts = stored.dropFirst("databricks://".count).split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let text = options.credential, let reference = LinkCredential(text) else {
            throw UsageFailure("Another workspace needs a credential. Give it by --credential, or name a profile.")
        }
        let value = try await credential(reference)
        var client = DatabricksClient.Options()
        client.userAgent = Product.userAgent
        client.certificates = values["ca-file"] ?? program.environment.text("SSL_CERT_FILE")
        let host = try WorkspaceHost(values["endpoint"] ?? "https://\(parts[0])")
        let shown: ClientCredential =
            if let id = values["client-id"] {
                .clientSecret(ClientCredentials(clientID: id, clientSecret: value))
            } else {
                .token(value)
            }
        return ScopePlace(
            service: try DatabricksClient(host: host, credential: shown, pool: program.pool, options: client),
            scope: parts[1], host: host.description, pool: program.pool)
    }

    private func credential(_ reference: LinkCredential) async throws -> SecretBytes {
        switch reference {
        case .secret(let scope, let key):
            return try await secrets.getSecret(scope: scope.rawValue, key: key.rawValue).value
        case .variable(let name):
            guard let value = program.environment.secret(name, in: program.pool) else {
                throw CommandFailure("The variable \(name) with the credential is not set or empty.")
            }
            return value
        case .file(let path):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw CommandFailure("The file \(path) cannot be read (\(String(cString: strerror(errno)))).")
            }
            defer { close(descriptor) }
            guard let line = try SecretLine.read(from: descriptor, limit: 65_536, in: program.pool) else {
                throw CommandFailure("The file \(path) with the credential is empty.")
            }
            return line
        }
    }
}
