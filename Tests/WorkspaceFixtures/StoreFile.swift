public import Foundation
import GRDB
import Testing
import Workspace

/// A workspace's database as somebody sees it who can write the file and has no key.
public struct StoreFile {
    private let path: String

    /// The database at `path`.
    public init(path: String) {
        self.path = path
    }

    /// The database of a workspace.
    public init(of fixture: TemporaryWorkspace) {
        self.init(path: Workspace.storePath(in: fixture.folder))
    }

    /// Changes rows. `flip` is an SQL function that changes a bit.
    public func alter(_ sql: String) throws {
        try write { database in
            try database.execute(sql: sql)
            #expect(database.totalChangesCount > 0)
        }
    }

    /// Changes the tables themselves.
    public func alterSchema(_ sql: String) throws {
        try write { try $0.execute(sql: sql) }
    }

    /// Copies all rows to another file, as a backup would.
    public func copyRows(to copy: String) throws {
        try write { database in
            try database.execute(sql: "VACUUM main INTO ?", arguments: [copy])
        }
    }

    /// Puts rows of a copy back: `sql` finds them in the schema `copy`.
    public func putBack(from copy: String, _ sql: String) throws {
        try write { database in
            try database.execute(sql: "ATTACH ? AS copy", arguments: [copy])
            try database.execute(sql: sql)
            #expect(database.totalChangesCount > 0)
            try database.execute(sql: "DETACH copy")
        }
    }

    /// The bytes that a query finds.
    public func bytes(_ sql: String) throws -> Data {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try #require(try queue.read { try Data.fetchOne($0, sql: sql) })
    }

    private func write(_ body: (Database) throws -> Void) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            database.add(
                function: DatabaseFunction("flip", argumentCount: 1, pure: true) { values in
                    guard var bytes = Data.fromDatabaseValue(values[0]), !bytes.isEmpty else { return nil }
                    bytes[bytes.count / 2] ^= 0x10
                    return bytes
                })
            try body(database)
        }
        try queue.close()
    }
}
