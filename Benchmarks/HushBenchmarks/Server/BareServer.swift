import Foundation
import Glibc
import Hummingbird
import Logging

/// What the HTTP library does at best: routes, without middleware, that answer 200 bytes: one at once, and one when a page
/// was written and synced.
enum BareServer {
    /// Answers on a port of this machine until the process is stopped.
    ///
    /// - Parameter file: Where pages are written.
    static func run(port: Int, file: String) async throws {
        let descriptor = open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let batches = SyncedBatches(descriptor: descriptor)
        let router = Router()
        let body = ByteBuffer(string: String(repeating: "x", count: 200))
        let answer = Response(
            status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
        router.get("bare") { _, _ in answer }
        router.get("synced") { _, _ in
            await batches.commit()
            return answer
        }
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            logger: Logger(label: "bare") { _ in SwiftLogNoOpLogHandler() }
        )
        try await application.runService()
    }
}
