import Foundation
import GRDB

/// What the store can do at best: GRDB inserting rows of the same shape into the same table with the same index.
enum StoreCeiling {
    static func measure() async throws -> [Measurement] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pool = try DatabasePool(path: folder.appendingPathComponent("ceiling.db").path)
        try await pool.barrierWriteWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try await pool.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE event (
                        sequence INTEGER PRIMARY KEY NOT NULL, subject INTEGER NOT NULL, link INTEGER NOT NULL,
                        body BLOB NOT NULL
                    ) STRICT;
                    CREATE INDEX event_subject ON event (subject) WHERE subject > 0;
                    """)
        }
        let body = Data(repeating: 0x5A, count: 34)
        var sequence: Int64 = 0

        func insert(_ count: Int, inBatchesOf size: Int) throws {
            for _ in 0..<count / size {
                try pool.write { database in
                    let statement = try database.cachedStatement(
                        sql: "INSERT INTO event (sequence, subject, link, body) VALUES (?, ?, ?, ?)")
                    for _ in 0..<size {
                        sequence += 1
                        try statement.execute(arguments: [sequence, sequence % 10 + 1, sequence &* 77, body])
                    }
                }
            }
        }

        return [
            try await .best("ceiling: one row a commit (GRDB)", count: 500) { try insert(500, inBatchesOf: 1) },
            try await .best("ceiling: 64 rows a commit (GRDB)", count: 64_000) { try insert(64_000, inBatchesOf: 64) },
        ]
    }
}
