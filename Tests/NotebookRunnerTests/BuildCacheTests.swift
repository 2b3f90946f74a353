import Foundation
import SecretCrypto
import Testing

@testable import NotebookRunner

@Suite struct BuildCacheTests {
    private let cells = ["print(\"made once\")", "3 + 4"]

    private func laboratory() async throws -> Laboratory {
        var laboratory = try await Laboratory()
        laboratory.cacheFolder = try SharedFolder.unique() + "/cache"
        return laboratory
    }

    /// The files of the programs in the cache.
    private func builds(_ laboratory: Laboratory) throws -> [String] {
        let folder = laboratory.cacheFolder + "/builds"
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        return files.compactMap { $0 as? String }.filter { $0.contains("/") }.map { "\(folder)/\($0)" }
    }

    private func run(_ laboratory: Laboratory) async throws -> Observation {
        try await laboratory.run(Laboratory.notebook(cells))
    }

    /// Whether the notebook runs without a compiler, which it does from the cache alone.
    private func runsFromCache(_ laboratory: Laboratory) async throws -> Bool {
        var laboratory = laboratory
        laboratory.hasCompiler = false
        do {
            let observed = try await run(laboratory)
            #expect(observed.output(1) == "made once\n")
            #expect(observed.displayed(2) == ["7"])
            return true
        } catch let error as NotebookError {
            #expect(error.code == .missingCompiler)
            return false
        }
    }

    @Test func notebookThatRanBeforeNeedsNoCompiler() async throws {
        let laboratory = try await laboratory()
        #expect(try await !runsFromCache(laboratory))
        #expect(try await run(laboratory).report.outcome == .succeeded)
        #expect(try await runsFromCache(laboratory))
        #expect(try builds(laboratory).count == 1)
        #expect(try await run(laboratory).displayed(2) == ["7"])
        #expect(try builds(laboratory).count == 1)
    }

    @Test func withoutACompilerTheErrorSaysWhatToDo() async throws {
        var laboratory = try await laboratory()
        laboratory.hasCompiler = false
        let error = await #expect(throws: NotebookError.self) { try await run(laboratory) }
        #expect(
            error?.message == "The notebook lab.swift has not been compiled before, and there is no Swift compiler. "
                + "Install a Swift 6.3 toolchain from https://www.swift.org/install."
        )
        let missing = #expect(throws: NotebookError.self) {
            try SwiftToolchain.find(in: ["PATH": "/nowhere:/usr/empty"])
        }
        #expect(missing?.message.hasPrefix("There is no swiftc on the PATH. Install a Swift 6.3 toolchain") == true)
        let absent = #expect(throws: NotebookError.self) {
            try SwiftToolchain(compiler: "/nowhere/swiftc", environment: [:])
        }
        #expect(absent?.message.hasPrefix("There is no Swift compiler at /nowhere/swiftc.") == true)
    }

    enum Damage: CaseIterable {
        case program, tag, digest, header, truncated, extended, empty, otherProgram
    }

    @Test(arguments: Damage.allCases)
    func programThatWasTamperedWithIsNeverRun(damage: Damage) async throws {
        let laboratory = try await laboratory()
        _ = try await run(laboratory)
        let file = try #require(try builds(laboratory).first)
        var contents = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        let original = contents
        let head = "hush notebook build 1\n".utf8.count
        switch damage {
        case .program: contents[contents.count / 2] ^= 1
        case .tag: contents[head + 3 * 32] ^= 1
        case .digest: contents[head + 2 * 32] ^= 1
        case .header: contents[0] ^= 1
        case .truncated: contents.removeLast()
        case .extended: contents.append(0)
        case .empty: contents = []
        case .otherProgram:
            // A program of the attacker's choice, with its true digest, and no key to authenticate it.
            let program = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/bin/true")))
            contents =
                Array(contents[..<(head + 2 * 32)]) + SHA256.hash(program.span.bytes).bytes
                + Array(contents[(head + 3 * 32)..<(head + 4 * 32)]) + program
        }
        try Data(contents).write(to: URL(fileURLWithPath: file))
        #expect(try await !runsFromCache(laboratory))
        let observed = try await run(laboratory)
        #expect(observed.output(1) == "made once\n")
        let rebuilt = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        #expect(rebuilt != contents)
        #expect(rebuilt.prefix(head + 2 * 32) == original.prefix(head + 2 * 32))
        #expect(try await runsFromCache(laboratory))
    }

    @Test func programOfAnotherNotebookIsNotTakenForThisOne() async throws {
        let laboratory = try await laboratory()
        _ = try await run(laboratory)
        let own = try #require(try builds(laboratory).first)
        _ = try await laboratory.run("print(\"another\")")
        let other = try #require(try builds(laboratory).first { $0 != own })
        try FileManager.default.removeItem(atPath: own)
        try FileManager.default.copyItem(atPath: other, toPath: own)
        #expect(try await !runsFromCache(laboratory))
        #expect(try await run(laboratory).output(1) == "made once\n")
    }

    @Test func programMadeUnderAnotherKeyIsNotRun() async throws {
        var laboratory = try await laboratory()
        _ = try await run(laboratory)
        laboratory.cacheKey[0] ^= 1
        #expect(try await !runsFromCache(laboratory))
    }

    @Test func notebookThatFailsToCompileIsNotKept() async throws {
        let laboratory = try await laboratory()
        #expect(try await laboratory.run("print(1)", "undefined").failure?.cell == 2)
        #expect(try builds(laboratory).isEmpty)
        let temporary = try FileManager.default.contentsOfDirectory(atPath: laboratory.cacheFolder + "/tmp")
        #expect(temporary.isEmpty)
    }

    @Test func folderThatOthersCanUseIsRefused() async throws {
        let folder = try SharedFolder.unique() + "/cache"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750]
        )
        var laboratory = try await Laboratory()
        laboratory.cacheFolder = folder
        let error = await #expect(throws: NotebookError.self) { try await laboratory.runner() }
        #expect(error?.code == .unusableCache)
        #expect(error?.message.contains("chmod 700 \(folder)") == true)
    }

    @Test func filesOfTheCacheAreThisUsersAlone() async throws {
        let laboratory = try await laboratory()
        _ = try await run(laboratory)
        let paths = try builds(laboratory) + ["", "/builds", "/modules", "/tmp"].map { laboratory.cacheFolder + $0 }
        for path in paths {
            let mode = try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(path)")
        }
    }
}
