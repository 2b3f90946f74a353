import Foundation
import TestPrograms
import Testing

/// `scopes/vaults` against servers that stand in for the vaults: one scope for each, one notebook that reads them all.
@Suite struct VaultManifestTests {
    private static let manifests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../scopes/vaults").standardizedFileURL.path

    /// A home whose settings let everything be linked that stands in for something.
    private func home(directories: [String] = [], programs: [String] = []) throws -> Home {
        let home = try Home()
        let settings = """
            links:
              hosts: [127.0.0.1, localhost, "*.vault.azure.net", "*.amazonaws.com", "*.googleapis.com"]
              directories: [\(directories.joined(separator: ", "))]
              programs: [\(programs.joined(separator: ", "))]
            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: home.path + "/config.yaml"))
        return home
    }

    /// The manifests that ship, with the addresses of those who stand in.
    private func copy(replacing changes: [(String, String)], of names: [String], to folder: TestFolder) throws -> String
    {
        for name in names {
            var text = try String(contentsOfFile: Self.manifests + "/" + name, encoding: .utf8)
            for (old, new) in changes { text = text.replacingOccurrences(of: old, with: new) }
            try folder.write(text, to: "vaults/\(name)")
        }
        return folder.path("vaults")
    }

    @Test func everyManifestIsUnderstood() throws {
        let home = try home(directories: ["/"], programs: [])
        let outcome = try home.hush("apply", Self.manifests, "--yes")
        // Nothing of it is there, and no value is given: but what is wrong is the values alone.
        let wrong = outcome.errors.split(separator: "\n").filter { !$0.contains("the variable is not set") }
        #expect(wrong.isEmpty, "\(outcome)")
    }

    @Test func oneScopeForEachVaultIsReadByOneNotebookRedactedAndRecorded() async throws {
        let moto = try await VaultServer("moto_server.py")
        let azure = try await VaultServer("azure_key_vault.py", ["/nonexistent"])
        let authority = MemoryFile(try #require(azure.announcement["authority"]))
        let google = try await VaultServer("gcp_secret_manager.py")
        let vault = try await VaultServer("vault_double.py")
        let remote = try RemoteHome(.withPayments())
        try remote.home.succeed("secrets", "put-secret", "payments", "db-password", input: .text("databricks-value"))
        let folder = try TestFolder()
        let mounted = try folder.write("mounted-value-5f2a\n", to: "mounted/db-password")
        let helper = try folder.write(
            """
            #!/bin/sh
            read -r request
            case $request in
            *'"op":"list"'*) echo '{"version":1,"ok":true,"entries":[{"name":"db-password"}]}' ;;
            *) echo '{"version":1,"ok":true,"value_b64":"cHJvZ3JhbS12YWx1ZS03N2Mx","version_id":"3"}' ;;
            esac

            """, to: "helper")
        chmod(helper, 0o755)
        try waitUntilNobodyWrites(to: helper)
        let directory = URL(fileURLWithPath: mounted).deletingLastPathComponent().resolvingSymlinksInPath().path
        let home = try home(directories: [directory], programs: [helper])
        let endpoint = "http://127.0.0.1:\(moto.port)"
        let path = try copy(
            replacing: [
                ("cache: 30s", "endpoint: \(endpoint)"),
                (
                    "tenant-id: 11111111-2222-3333-4444-555555555555",
                    """
                    tenant-id: \(azure.announcement["tenant"] ?? "")
                            endpoint: https://127.0.0.1:\(azure.port)
                            authority-host: https://localhost:\(azure.port)
                            ca-file: \(authority.path)
                    """
                ),
                ("66666666-7777-8888-9999-000000000000", "00000000-0000-0000-0000-000000000001"),
                (
                    "gcp-secret-manager://my-project", "gcp-secret-manager://project"
                ),
                (
                    "auth: service-account",
                    """
                    auth: service-account
                            endpoint: http://127.0.0.1:\(google.port)
                            token-uri: http://127.0.0.1:\(google.port)/token
                    """
                ),
                ("vault://vault.example.com:8200/secret/app", "vault://127.0.0.1:\(vault.port)/secret/app"),
                ("auth: token", "tls: false"),
                (
                    "credential: \"{{secrets/vault-credentials/databricks-token}}\"",
                    """
                    credential: "{{secrets/vault-credentials/databricks-token}}"
                          options:
                            endpoint: \(remote.server.url)
                    """
                ),
                ("file:///run/secrets", "file://\(directory)"),
                ("exec:///usr/local/bin/secret-helper", "exec://\(helper)"),
            ],
            of: FileManager.default.contentsOfDirectory(atPath: Self.manifests).sorted(), to: folder)
        let parameters = try String(contentsOfFile: path + "/aws-parameter-store.yaml", encoding: .utf8)
        try folder.write(parameters + "        endpoint: \(endpoint)\n", to: "vaults/aws-parameter-store.yaml")
        let credentials = [
            "VAULTS_AWS_SECRET_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "VAULTS_AZURE_CLIENT_SECRET": azure.announcement["secret"] ?? "",
            "VAULTS_DATABRICKS_TOKEN": remote.token,
            "VAULTS_GCP_SERVICE_ACCOUNT": google.announcement["account"] ?? "",
            "VAULTS_VAULT_TOKEN": "root",
        ]
        let applied = try home.hush("apply", path, "--yes", environment: credentials)
        #expect(applied.status == 0, "\(applied)")
        #expect(try home.hush("apply", path, "--yes", environment: credentials).output == "Nothing to do.\n")

        // What is read has to be there first: put through writable links to the same vaults.
        for (address, credential, options) in [
            (
                "aws-secrets-manager://eu-west-1/app/", "aws-secret-key",
                ["access-key-id=AKIAIOSFODNN7EXAMPLE", "endpoint=\(endpoint)"]
            ),
            (
                "aws-parameter-store://eu-west-1/app/", "aws-secret-key",
                ["access-key-id=AKIAIOSFODNN7EXAMPLE", "endpoint=\(endpoint)"]
            ),
            (
                "gcp-secret-manager://project", "gcp-service-account",
                [
                    "auth=service-account", "endpoint=http://127.0.0.1:\(google.port)",
                    "token-uri=http://127.0.0.1:\(google.port)/token",
                ]
            ),
            ("vault://127.0.0.1:\(vault.port)/secret/app", "vault-token", ["tls=false"]),
        ] {
            let given = (options + ["writable=true"]).flatMap { ["--option", $0] }
            let linked = try home.process(
                ["scopes", "link", "fill", address, "--credential", "{{secrets/vault-credentials/\(credential)}}"]
                    + given
            ).run(.text(""))
            #expect(linked.status == 0, "\(linked)")
            try home.succeed("secrets", "put-secret", "fill", "db-password", input: .text("value of \(credential)"))
        }

        let scopes = ["aws-secrets", "aws-parameters", "azure", "databricks", "files", "gcp", "program", "vault"]
        for scope in scopes {
            let check = try home.hush("scopes", "check", scope)
            #expect(check.status == 0, "\(scope): \(check)")
        }
        let cells = scopes.map { scope in
            """
            let value_\(scope.replacingOccurrences(of: "-", with: "_")) = try dbutils.secrets.get(scope: "\(scope)", key: "db-password")
            print("\(scope):", value_\(scope.replacingOccurrences(of: "-", with: "_")))
            """
        }
        let notebook = try folder.write(
            "// Databricks notebook source\nimport DBUtils\n" + cells.joined(separator: "\n\n// COMMAND ----------\n"),
            to: "vaults.swift")
        let run = try home.hush("run", notebook)
        #expect(run.status == 0, "\(run)")
        #expect(
            run.output.split(separator: "\n").filter { !$0.hasPrefix("──") }
                == scopes.map { "\($0): [REDACTED]" }.map { Substring($0) })
        let events = try home.succeed("audit", "events", "--action", "getSecret", "-o", "json")
        // Neither files nor workspaces have versions.
        for scope in scopes where scope != "files" && scope != "databricks" {
            let event = events.split(separator: "\n").last { $0.contains("\"scope\":\"\(scope)\"") }
            #expect(event?.contains("\"vault_version\":\"") == true, "\(scope): \(event ?? "none")")
        }
        #expect(try home.succeed("audit", "verify").contains("intact"))
    }

    /// Rows 12 and 65 to 70 of the checklist, for a Key Vault.
    @Test func rowsOfAKeyVaultScope() async throws {
        let azure = try await VaultServer("azure_key_vault.py", ["/nonexistent"])
        let authority = MemoryFile(try #require(azure.announcement["authority"]))
        let home = try home()
        try home.succeed("secrets", "create-scope", "ops")
        try home.succeed(
            "secrets", "put-secret", "ops", "azure", input: .text(azure.announcement["secret"] ?? ""))
        let options = [
            "auth=client-secret", "tenant-id=\(azure.announcement["tenant"] ?? "")",
            "endpoint=https://127.0.0.1:\(azure.port)", "authority-host=https://localhost:\(azure.port)",
            "ca-file=\(authority.path)", "resource-id=/subscriptions/s/vaults/kv1",
        ]
        func link(_ scope: String, _ application: Int) throws {
            let given = (options + ["client-id=00000000-0000-0000-0000-00000000000\(application)"]).flatMap {
                ["--option", $0]
            }
            let outcome = try home.process(
                ["scopes", "link", scope, "https://kv1.vault.azure.net", "--credential", "{{secrets/ops/azure}}"]
                    + given
            ).run(.text(""))
            try #require(outcome.status == 0, "\(outcome)")
        }
        try link("kv", 1)

        // Row 12: the list has the vault's metadata, both members.
        let list = try home.succeed("secrets", "list-scopes", "-o", "json")
        #expect(list.contains("\"backend_type\": \"AZURE_KEYVAULT\""))
        #expect(list.contains("\"resource_id\": \"/subscriptions/s/vaults/kv1\""))
        #expect(list.contains("\"dns_name\": \"https://kv1.vault.azure.net"))
        #expect(list.contains("\"link\": {\n      \"address\": \"https://kv1.vault.azure.net"))
        // Rows 65 and 66: put and delete.
        let put = try home.hush("secrets", "put-secret", "kv", "new", input: .text("x"))
        #expect(put.status == 1 && put.errors.contains("Cannot write secrets to Azure KeyVault-backed scope"))
        let delete = try home.hush("secrets", "delete-secret", "kv", "db-password")
        #expect(delete.status == 1 && delete.errors.contains("Cannot delete secrets from Azure KeyVault-backed scope"))
        // Row 67: list and get are live.
        #expect(try home.succeed("secrets", "list-secrets", "kv").contains("db-password"))
        #expect(try home.succeed("secrets", "get-secret", "kv", "db-password", "--raw") == "hunter3")
        // Row 68: the vault refuses.
        try link("refused", 9)
        let refused = try home.hush("secrets", "list-secrets", "refused")
        #expect(refused.status == 1 && refused.errors.contains("Invalid permissions on the specified KeyVault"))
        // Row 69: the vault refuses a request in another way.
        let other = try home.hush("secrets", "get-secret", "kv", "teapot")
        #expect(other.status == 1 && other.errors.contains("refused the request"))
        let reads = try home.succeed("audit", "events", "--scope", "kv", "--action", "getSecret", "-o", "json")
        #expect(reads.contains("\"statusCode\":400"))
        // Row 70: no token of the caller is asked for; the machine's own identity counts, and it is there or not.
        let created = try home.hush(
            "secrets", "create-scope", "by-databricks", "--scope-backend-type", "AZURE_KEYVAULT", "--resource-id", "/x",
            "--dns-name", "https://kv1.vault.azure.net/")
        #expect(created.status == 0, "\(created)")

        let codes = try home.succeed("audit", "events", "--scope", "kv", "-o", "json")
        #expect(codes.contains("\"statusCode\":400"))
        let refusals = try home.succeed("audit", "events", "--scope", "refused", "-o", "json")
        #expect(refusals.contains("\"statusCode\":403"))
    }
}
