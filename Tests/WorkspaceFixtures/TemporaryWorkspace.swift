import Foundation
public import SecretMemory
public import SecretScopes
public import Workspace

/// A real workspace in a folder of its own, which goes when the last reference goes.
public final class TemporaryWorkspace: Sendable {
    /// The open workspace.
    public let workspace: Workspace
    /// Its folder.
    public var folder: String { workspace.folder }
    /// Its key file.
    public var keyFile: String { folder + "/root.key" }
    /// The memory for values.
    public let pool: SecretPool

    /// The local administrator's name.
    public static let administrator = "root@example.com"

    /// Makes a workspace.
    ///
    /// - Parameter links: What links to external vaults may reach.
    public convenience init(links: LinkSettings = LinkSettings()) async throws {
        try await self.init { folder, provider, pool in
            try await Workspace.create(
                in: folder, keyProvider: provider, administrator: Self.administrator, runBy: "tester", pool: pool,
                links: { links })
        }
    }

    /// Makes a workspace that is a copy of another one, which does nothing meanwhile. Many are made so in a moment, in
    /// memory where the machine has a place for that.
    ///
    /// - Parameter links: What links to external vaults may reach.
    public convenience init(copying other: TemporaryWorkspace, links: LinkSettings = LinkSettings()) async throws {
        let memory = "/dev/shm"
        let isThere = FileManager.default.isWritableFile(atPath: memory)
        let base = isThere ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
        try await self.init(in: base) { folder, provider, pool in
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for name in try FileManager.default.contentsOfDirectory(atPath: other.folder) where !name.hasSuffix("-shm")
            {
                try FileManager.default.copyItem(atPath: other.folder + "/" + name, toPath: folder + "/" + name)
            }
            return try await Workspace.open(folder, keyProvider: provider, pool: pool, links: { links })
        }
    }

    /// Makes a workspace whose linked scopes are read through `vaults`.
    package convenience init(vaults: any LinkedVaults) async throws {
        try await self.init { folder, provider, pool in
            try await Workspace.create(
                in: folder, keyProvider: provider, administrator: Self.administrator, runBy: "tester", pool: pool,
                vaults: vaults)
        }
    }

    private init(
        in base: URL = FileManager.default.temporaryDirectory,
        _ make: (String, any KeyProvider, SecretPool) async throws -> Workspace
    ) async throws {
        let folder = base.appendingPathComponent("hush-\(UUID().uuidString)").path
        pool = SecretPool()
        workspace = try await make(folder, KeyFileProvider(path: folder + "/root.key", pool: pool), pool)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: workspace.folder)
    }

    /// Opens the same workspace once more, as another process would.
    public func reopened() async throws -> Workspace {
        let pool = SecretPool()
        return try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
    }

    /// The services as the local administrator or as `principal`.
    public func services(as principal: String? = nil) throws -> any EmbeddedServices {
        try workspace.services(as: principal, runBy: "tester", origin: RequestOrigin(surface: .library))
    }

    /// Text as a secret.
    public func secret(_ text: String) -> SecretBytes {
        SecretBytes(copying: Array(text.utf8).span.bytes, in: pool)
    }

    /// Puts a text value as the local administrator.
    public func put(_ value: String, scope: String, key: String) async throws {
        try await services().putSecret(PutSecretRequest(scope: scope, key: key, stringValue: secret(value)))
    }

    /// Makes the user `name`, unless it is there, and grants it `permission` on `scope`.
    public func grant(_ permission: Permission, on scope: String, to name: String) async throws {
        let services = try services()
        let users = try await services.listPrincipals(kind: .user)
        if !users.contains(where: { $0.name == name }) {
            _ = try await services.createPrincipal(kind: .user, name: name)
        }
        try await services.putACL(scope: scope, principal: name, permission: permission.description)
    }
}

extension SecretBytes {
    /// The bytes as text, for comparing them in a test.
    public var text: String {
        withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }
}
