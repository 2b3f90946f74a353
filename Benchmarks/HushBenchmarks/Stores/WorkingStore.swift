import Foundation
import Glibc
import SecretMemory
import SecretScopes
import Workspace

/// A workspace's folder that goes when the last reference goes.
final class WorkingStore {
    /// The folder.
    let folder: String
    private let generator: StoreGenerator
    private let isKept: Bool

    /// Names a folder, whose contents `generator` made. It stays when `isKept`.
    init(folder: String, generator: StoreGenerator, isKept: Bool = false) {
        self.folder = folder
        self.generator = generator
        self.isKept = isKept
    }

    /// A store that somebody else made and will remove.
    static func existing(_ folder: String) -> WorkingStore {
        WorkingStore(
            folder: folder,
            generator: StoreGenerator(scopes: 1, secretsPerScope: 10, users: 0, events: 0),
            isKept: true
        )
    }

    deinit {
        if !isKept { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// The database's path.
    var databasePath: String { Workspace.storePath(in: folder) }

    /// How many secrets there are.
    var secretCount: Int { generator.scopes * generator.secretsPerScope }

    /// Copies the store in `original`, and waits until it is on the disk, so that this disturbs no measurement.
    func fill(from original: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in ["hush.db", "hush.db-wal", "root.key"] where access("\(original)/\(name)", F_OK) == 0 {
            try FileManager.default.copyItem(atPath: "\(original)/\(name)", toPath: "\(folder)/\(name)")
            let descriptor = Glibc.open("\(folder)/\(name)", O_RDWR | O_CLOEXEC)
            defer { close(descriptor) }
            guard descriptor >= 0, fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
        }
    }

    /// A copy of this store as it is now; nobody may have it open.
    func copy() throws -> WorkingStore {
        let copy = WorkingStore(folder: folder + "-copy", generator: generator)
        try copy.fill(from: folder)
        return copy
    }

    /// Opens the workspace.
    ///
    /// - Parameter links: What links to external vaults may reach.
    func open(links: LinkSettings = LinkSettings()) async throws -> OpenStore {
        let pool = SecretPool()
        let workspace = try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: folder + "/root.key", pool: pool), pool: pool, links: { links })
        // Ten secrets, of as many scopes as there are.
        let step = max(secretCount / 10, 1)
        let places = (0..<10).map {
            StoreNames.place($0 * step % secretCount, secretsPerScope: generator.secretsPerScope)
        }
        return OpenStore(workspace: workspace, places: places)
    }
}

/// An open workspace and the ten secrets that are read and put in it.
struct OpenStore: Sendable {
    let workspace: Workspace
    let places: [(scope: String, key: String)]

    /// The services as the local administrator.
    func services() throws -> any EmbeddedServices {
        try workspace.services(runBy: "hush-bench", origin: RequestOrigin(surface: .library))
    }

    /// Reads with so many callers at the same time, each so often.
    ///
    /// - Returns: How many reads a second that makes.
    func read(callers: Int, each: Int) async throws -> Double {
        let services = try services()
        return try await Rate.of(callers * each) {
            try await ConcurrentCallers.run(callers) { caller in
                for number in 0..<each {
                    let place = places[(caller + number) % places.count]
                    _ = try await services.getSecret(scope: place.scope, key: place.key)
                }
            }
        }
    }

    /// Puts with so many callers at the same time, each so often.
    ///
    /// - Returns: How many puts a second that makes.
    func put(callers: Int, each: Int) async throws -> Double {
        let services = try services()
        let value = SecretBytes(copying: Array("tok_live_51Hbenchmarkbenchmarkbe".utf8).span.bytes, in: workspace.pool)
        return try await Rate.of(callers * each) {
            try await ConcurrentCallers.run(callers) { caller in
                for number in 0..<each {
                    let place = places[(caller + number) % places.count]
                    try await services.putSecret(
                        PutSecretRequest(scope: place.scope, key: place.key, stringValue: value))
                }
            }
        }
    }
}
