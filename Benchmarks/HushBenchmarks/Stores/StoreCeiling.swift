import Foundation
import GRDB

/// What the store can do at best: GRDB alone, writing the same rows into a copy of the same database, with the same
/// indexes and as durably.
final class StoreCeiling {
    private let store: WorkingStore
    private let pool: DatabasePool
    private var sequence: Int64
    private var generation: Int64
    private let events: [Event]
    private let secrets: [StoredSecret]
    private let changes: [Data]
    private let sealed: Data
    private var versionNumber = StoreCeiling.firstVersion

    /// Above the numbers of all versions that the engine wrote.
    private static let firstVersion: Int64 = 1_000_000

    private struct Event {
        var subject: Int64
        var link: Int64
        var body: Data
    }

    private struct StoredSecret {
        var id: Data
        var scope: Data
    }

    /// Copies `store`, which nobody may have open. What is written are rows like the last 640 that the engine wrote.
    init(copyOf store: WorkingStore) throws {
        self.store = try store.copy()
        var configuration = Configuration()
        // As the engine has it.
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA secure_delete = ON; PRAGMA cache_size = -16000;")
        }
        let pool = try DatabasePool(path: self.store.databasePath, configuration: configuration)
        try pool.barrierWriteWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        self.pool = pool
        (sequence, generation, events, secrets, changes, sealed) = try pool.read { database in
            (
                try Int64.fetchOne(database, sql: "SELECT events FROM head") ?? 0,
                try Int64.fetchOne(database, sql: "SELECT generation FROM head") ?? 0,
                try Row.fetchAll(
                    database, sql: "SELECT subject, link, body FROM event ORDER BY sequence DESC LIMIT 640"
                ).map { Event(subject: $0[0], link: $0[1], body: $0[2]) },
                try Row.fetchAll(database, sql: "SELECT id, scope_id FROM secret ORDER BY updated DESC LIMIT 10").map {
                    StoredSecret(id: $0[0], scope: $0[1])
                },
                try Data.fetchAll(database, sql: "SELECT entries FROM change ORDER BY generation DESC LIMIT 640"),
                try Data.fetchOne(database, sql: "SELECT sealed FROM version ORDER BY created DESC LIMIT 1") ?? Data()
            )
        }
    }

    /// Inserts `count` events, so many a commit.
    ///
    /// - Returns: How many events a second that makes.
    func insertEvents(_ count: Int, perCommit: Int) throws -> Double {
        try Rate.of(count) {
            for _ in 0..<count / perCommit {
                try pool.write { try insertEvents(perCommit, in: $0) }
            }
        }
    }

    /// Puts `count` secrets, so many a commit: each an event, a version with the value's bytes, an entry in the change
    /// log, and the secret's new current version.
    ///
    /// What Hush also does in a put, deleting the version that is one too many, is done behind it and not measured, so
    /// that both tables stay as small as Hush keeps them.
    ///
    /// - Returns: How many puts a second that makes.
    func put(_ count: Int, perCommit: Int) throws -> Double {
        let rate = try Rate.of(count) {
            for _ in 0..<count / perCommit {
                try pool.write { database in
                    try insertEvents(perCommit, in: database)
                    try putVersions(perCommit, in: database)
                }
            }
        }
        try pool.write { database in
            try database.execute(
                sql: "DELETE FROM version WHERE number > ?", arguments: [Self.firstVersion])
            try database.execute(
                sql: "DELETE FROM change WHERE generation > ?", arguments: [generation - Int64(count)])
        }
        return rate
    }

    private func insertEvents(_ count: Int, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO event (sequence, subject, link, body) VALUES (?, ?, ?, ?)")
        for _ in 0..<count {
            sequence += 1
            let event = events[Int(sequence) % events.count]
            try statement.execute(arguments: [sequence, event.subject, event.link, event.body])
        }
    }

    private func putVersions(_ count: Int, in database: Database) throws {
        let version = try database.cachedStatement(
            sql: "INSERT INTO version (id, scope_id, secret_id, number, created, sealed) VALUES (?, ?, ?, ?, ?, ?)")
        let secret = try database.cachedStatement(
            sql: "UPDATE secret SET current_version = ?, version_number = ?, updated = ?, mac = ? WHERE id = ?")
        let change = try database.cachedStatement(sql: "INSERT INTO change (generation, entries, mac) VALUES (?, ?, ?)")
        for _ in 0..<count {
            versionNumber += 1
            generation += 1
            let place = secrets[Int(versionNumber) % secrets.count]
            let id = Self.randomBytes(16)
            let code = Self.randomBytes(32)
            try version.execute(arguments: [id, place.scope, place.id, versionNumber, generation, sealed])
            try secret.execute(arguments: [id, versionNumber, generation, code, place.id])
            try change.execute(arguments: [generation, changes[Int(generation) % changes.count], code])
        }
    }

    private static func randomBytes(_ count: Int) -> Data {
        var generator = SystemRandomNumberGenerator()
        var bytes = Data(capacity: count)
        for _ in 0..<count / 8 { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
        return bytes
    }
}
