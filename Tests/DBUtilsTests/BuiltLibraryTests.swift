import Foundation
import Testing

@testable import DBUtils

/// The library as it is installed, and programs that are compiled against its interface and really run.
@Suite(.builtLibrary) struct BuiltLibraryTests {
    private let library: BuiltLibrary

    init() throws {
        self.library = try #require(BuiltLibrary.current)
    }

    private func interface() throws -> [String] {
        try String(contentsOfFile: library.interface, encoding: .utf8).components("\n")
    }

    // MARK: What is built

    @Test func scriptLeavesTheLibraryAndItsInterfaceAndNothingElse() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: library.libraryFolder)
        #expect(Set(names) == ["DBUtils.swiftinterface", "libDBUtils.so"])
    }

    /// Notebooks get what they import, and no more: importing DBUtils neither costs the time that Foundation takes nor
    /// makes the names of another module visible.
    @Test func interfaceImportsNeitherFoundationNorGlibc() throws {
        let imports = try interface().filter { $0.contains("import ") && !$0.hasPrefix("//") }
        #expect(imports.contains("import Swift"))
        let modules = Set(imports.map { $0.components(" ").last ?? "" })
        #expect(modules.subtracting(["Swift", "_Concurrency", "_StringProcessing", "_SwiftConcurrencyShims"]) == [])
    }

    @Test func interfaceIsThatOfALibraryThatMayChange() throws {
        let flags = try #require(interface().first { $0.hasPrefix("// swift-module-flags:") })
        #expect(flags.contains("-enable-library-evolution"))
        #expect(flags.contains("-swift-version 6"))
    }

    @Test func noFileNamesAFolderOfThisMachine() throws {
        for name in ["DBUtils.swiftinterface", "libDBUtils.so"] {
            let contents = try Data(contentsOf: URL(filePath: "\(library.libraryFolder)/\(name)"))
            for folder in [BuiltLibrary.repository, library.folder] {
                #expect(contents.range(of: Data(folder.utf8)) == nil, "\(name) names \(folder)")
            }
        }
    }

    // MARK: Secrets

    @Test func exampleOfTheDocumentationWorks() throws {
        let source = try String(
            contentsOfFile: "\(BuiltLibrary.repository)/Sources/DBUtils/DBUtils.swift",
            encoding: .utf8
        )
        let example = source.components("/// ```swift\n")[1].components("/// ```")[0].components("\n")
            .map { $0.hasPrefix("/// ") ? String($0.dropFirst(4)) : "" }.joined(separator: "\n")
        let program = try library.compile(example, to: "example")
        let broker = StandInServer(.value("tok_live_123".utf8))
        let run = try NotebookRun(of: program, broker: broker, widgets: ["day": "Monday"])
        #expect(run.output == "signing the orders of Monday with tok_live_123\n")
        #expect(run.errorOutput.isEmpty)
        #expect(run.ending == .exited(0))
        #expect(run.messages.map(\.frame.kind) == [.widget, .exited])
        var result = ControlPayload(run.messages[1].frame.payload)
        #expect(result.text() == "signed")
    }

    @Test func secretsAreReadFromTheBroker() throws {
        let broker = StandInServer(
            .value("é!".utf8),
            .value("é!".utf8),
            .json(#"{"secrets":[{"key":"api-key","last_updated_timestamp":1602168336000}]}"#),
            .json(
                #"{"scopes":[{"name":"payments","backend_type":"DATABRICKS"},{"name":"b","backend_type":"DATABRICKS"}]}"#
            )
        )
        let run = try NotebookRun(of: library.program, "secrets", broker: broker)
        #expect(
            run.output == """
                é!
                [195, 169, 33]
                [SecretMetadata(key='api-key')]
                ["payments", "b"]
                end

                """
        )
        #expect(run.ending == .exited(0))
        #expect(broker.connectionCount == 1)
    }

    @Test func notebookCanTellErrorsApart() throws {
        let body = #"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"x"}"#
        let broker = StandInServer(.json(body, status: "404 Not Found"))
        let run = try NotebookRun(of: library.program, "missing", broker: broker)
        let message = "Secret does not exist with scope: payments and key: api-key"
        #expect(run.output == "RESOURCE_DOES_NOT_EXIST|\(message)|IllegalArgumentException: \(message)\nend\n")
    }

    @Test func outsideARunTheErrorIsTheLastThingSaid() throws {
        let run = try NotebookRun(of: library.program, "secrets", widgets: nil)
        #expect(run.errorOutput == "Error: NOT_IN_A_RUN: there is no run to ask. Run this notebook with `hush run`.\n")
        #expect(run.output.isEmpty)
        #expect(run.messages.isEmpty)
        #expect(run.ending == .exited(1))
    }

    // MARK: Help

    @Test func helpNamesEveryMethodAsTheInterfaceDeclaresIt() throws {
        let declarations = try interface().joined(separator: "\n")
            .components("public struct SecretUtilities")[1].components("\n}")[0].components("\n")
            .filter { $0.contains("throws") }
            .map { $0.components("public func ")[1].components("Swift.").joined().components("DBUtils.").joined() }
        #expect(declarations.count == 4)
        let run = try NotebookRun(of: library.program, "help")
        for declaration in declarations {
            #expect(run.output.components("\n").contains { $0.hasPrefix("\(declaration): ") }, "\(declaration)")
            let name = declaration.components("(")[0]
            let details = try NotebookRun(of: library.program, "help-on", name)
            #expect(details.output.hasPrefix("\(declaration)\n"))
            #expect(details.output.contains("dbutils.secrets.\(name)("), "no example of \(name)")
        }
        for utility in ["dbutils.secrets", "dbutils.widgets", "dbutils.notebook", "display(_:)"] {
            #expect(run.output.components("\n").contains { $0.hasPrefix(utility) }, "\(utility)")
        }
    }

    @Test func helpOnSomethingUnknownListsWhatThereIs() throws {
        let run = try NotebookRun(of: library.program, "help-on", "put")
        #expect(run.output.hasPrefix("dbutils.secrets has no method put. It has:\n"))
        #expect(run.output.contains("\ngetBytes(scope: String, key: String) throws -> [UInt8]: "))
    }
}
