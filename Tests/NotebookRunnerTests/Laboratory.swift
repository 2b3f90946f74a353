import Foundation
import Redaction
import Runs
import SecretCrypto
import SecretMemory
import Synchronization
import Testing

@testable import NotebookRunner

/// Runs notebooks with the real compiler, the real `DBUtils`, and secrets behind a real socket.
struct Laboratory {
    static let rootFolder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    let pool = SecretPool()
    let redactor: Redactor
    let broker: StandInBroker
    let currentCell = CurrentCell()
    var parameters: [String: String] = [:]
    var timeout: Duration?
    var directory: String?
    var cacheFolder: String
    var hasCompiler = true
    /// The key that builds are authenticated with.
    var cacheKey = [UInt8](repeating: 7, count: 32)

    /// - Parameter secrets: Values by scope and name, with a slash between them.
    init(secrets: [String: [UInt8]] = [:]) async throws {
        redactor = Redactor(pool: pool)
        broker = try StandInBroker(secrets: secrets, redactor: redactor, pool: pool, currentCell: currentCell)
        cacheFolder = try SharedFolder.path("cache")
    }

    init(secrets: [String: String]) async throws {
        try await self.init(secrets: secrets.mapValues { Array($0.utf8) })
    }

    /// A notebook of code cells.
    static func notebook(_ cells: [String], name: String = "lab.swift") throws -> Notebook {
        let text = "// Databricks notebook source\n" + cells.joined(separator: "\n\n// COMMAND ----------\n\n")
        return try Notebook(name: name, bytes: Array(text.utf8))
    }

    /// Runs a notebook of code cells.
    func run(_ cells: String...) async throws -> Observation {
        try await run(Self.notebook(cells))
    }

    func run(_ notebook: Notebook) async throws -> Observation {
        let environment = ChildEnvironment(
            forRunInheriting: ["PATH": "/usr/bin:/bin"],
            host: broker.host,
            token: SecretBytes(copying: Array(StandInBroker.token.utf8).span.bytes, in: pool)
        )
        let run = NotebookRun(
            environment: environment,
            redactor: redactor,
            parameters: parameters,
            directory: directory,
            timeout: timeout,
            currentCell: currentCell
        )
        let transcript = Transcript()
        let runner = try await runner()
        let report = try await CompilerSlots.shared.use {
            try await runner.run(notebook, as: run) { transcript.append($0) }
        }
        return Observation(report: report, events: transcript.events)
    }

    func runner() async throws -> NotebookRunner {
        let key = try SymmetricKey(SecretBytes(copying: cacheKey.span.bytes, in: pool))
        return NotebookRunner(
            toolchain: hasCompiler ? try SwiftToolchain.find(in: ProcessInfo.processInfo.environment) : nil,
            dbutils: try await BuiltDBUtils.location(),
            cache: try NotebookBuildCache(
                folder: cacheFolder,
                authenticator: MessageAuthenticator(key: key)
            )
        )
    }
}

/// What was seen of a run.
struct Observation: Sendable {
    var report: NotebookReport
    var events: [NotebookEvent]

    /// What a cell wrote to its standard output.
    func output(_ cell: Int) -> String {
        text(cell, .standardOutput)
    }

    func errorOutput(_ cell: Int) -> String {
        text(cell, .standardError)
    }

    private func text(_ cell: Int, _ wanted: StandardStream) -> String {
        let bytes = report.cells[cell - 1].outputs.flatMap { output -> [UInt8] in
            guard case .stream(wanted, let bytes) = output else { return [] }
            return bytes
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a cell displayed, as text.
    func displayed(_ cell: Int) -> [String] {
        report.cells[cell - 1].outputs.compactMap { output in
            guard case .displayed(let result) = output else { return nil }
            return result.plainText
        }
    }

    var failure: CellError? {
        guard case .failed(let error) = report.outcome else { return nil }
        return error
    }

    /// The numbers of the cells that began, in their order.
    var begun: [Int] {
        events.compactMap { event in
            guard case .cellBegan(let cell) = event else { return nil }
            return cell.number
        }
    }

    /// All that was told, as one text.
    var allText: String {
        events.map { event in
            switch event {
            case .output(_, _, let bytes): String(decoding: bytes, as: UTF8.self)
            case .displayed(_, let result): result.plainText + (result.html ?? "")
            case .exited(_, let value): value
            case .failed(let error): error.description
            case .cellBegan, .cellEnded: ""
            }
        }.joined(separator: "\n")
    }
}

/// Collects events.
final class Transcript: Sendable {
    private let state = Mutex<[NotebookEvent]>([])

    func append(_ event: NotebookEvent) {
        state.withLock { $0.append(event) }
    }

    var events: [NotebookEvent] { state.withLock { $0 } }
}
