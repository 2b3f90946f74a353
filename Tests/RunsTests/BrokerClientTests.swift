import Foundation
import Redaction
import Runs
import SecretScopes
import Testing
import WorkspaceFixtures

/// The official client inside a run: as a real child, with the run's environment, and its output redacted.
@Suite struct BrokerClientTests {
    @Test func theOfficialClientReadsInARunAndCanDoNothingElse() async throws {
        let fixture = try await BrokerFixture()
        let output = try await fixture.starter(as: nil).run(RunOptions(surface: .command)) { run in
            let environment = try await run.childEnvironment(inheriting: ProcessInfo.processInfo.environment)
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            let python = folder.deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent(".venv/bin/python3").path
            try #require(
                FileManager.default.isExecutableFile(atPath: python),
                "there is no .venv/bin/python3 with the test packages: run `make test`, which sets up .venv"
            )
            let script = folder.appendingPathComponent("broker_client.py").path
            let command = ChildCommand(
                .file(python), arguments: [python, "-I", script], environment: environment)
            let redactor = run.redactor
            let result = try await ChildProcess.run(command) { RedactingCollector(redactor: redactor) }
            #expect(result.ending.status == .exited(0), "\(result.error)")
            return result.output
        }
        let expected = """
            auth type: 'pat'
            me: '\(TemporaryWorkspace.administrator)'
            get_secret: '[REDACTED]'
            get: '[REDACTED]'
            get again: '[REDACTED]'
            getBytes: True
            list: [SecretMetadata(key='api-key')]
            listScopes: [SecretScope(name='payments')]
            list_secrets: ['api-key']
            list_scopes: [('payments', 'DATABRICKS')]
            missing: ResourceDoesNotExist RESOURCE_DOES_NOT_EXIST
            missing scope: ResourceDoesNotExist RESOURCE_DOES_NOT_EXIST
            create_scope: PermissionDenied PERMISSION_DENIED
            delete_scope: PermissionDenied PERMISSION_DENIED
            put_secret: PermissionDenied PERMISSION_DENIED
            delete_secret: PermissionDenied PERMISSION_DENIED
            put_acl: PermissionDenied PERMISSION_DENIED
            delete_acl: PermissionDenied PERMISSION_DENIED
            get_acl: PermissionDenied PERMISSION_DENIED
            list_acls: PermissionDenied PERMISSION_DENIED
            another token: Unauthenticated UNAUTHENTICATED

            """
        #expect(output == expected)
        for operation in [
            Operation.createScope, .deleteScope, .putSecret, .deleteSecret, .putACL, .deleteACL, .getACL, .listACLs,
        ] {
            #expect(try await fixture.events(operation).last?.statusCode == 403, "\(operation.actionName)")
        }
        let reads = try await fixture.events(.getSecret)
        #expect(reads.allSatisfy { $0.origin.userAgent?.contains("databricks-sdk-py/") == true })
    }
}

/// Collects what a child writes, redacted.
private final class RedactingCollector: ChildObserver {
    struct Result: Sendable {
        var output = ""
        var error = ""
        var ending: ChildEnding
    }

    private final class Collected {
        var bytes: [Runs.StandardStream: [UInt8]] = [:]
    }

    private let collected: Collected
    private let redacted: RedactedOutput
    let watchesIdleness = false

    init(redactor: Redactor) {
        let collected = Collected()
        self.collected = collected
        self.redacted = RedactedOutput(redactor: redactor, isTerminal: false) { stream, bytes in
            bytes.withUnsafeBytes { collected.bytes[stream, default: []].append(contentsOf: $0) }
        }
    }

    func received(_ bytes: RawSpan, from stream: Runs.StandardStream) {
        redacted.feed(bytes, from: stream)
    }

    func becameIdle() {}

    func received(_ bytes: RawSpan, control: any ChildControl) {}

    func ended(_ ending: ChildEnding) -> Result {
        redacted.finish()
        func text(_ stream: Runs.StandardStream) -> String {
            String(decoding: collected.bytes[stream] ?? [], as: UTF8.self)
        }
        return Result(output: text(.standardOutput), error: text(.standardError), ending: ending)
    }
}
