import Hummingbird
import Logging

/// What the HTTP library does at best: one route, without middleware, that answers 200 bytes.
enum BareServer {
    /// Answers on a port of this machine until the process is stopped.
    static func run(port: Int) async throws {
        let router = Router()
        let body = ByteBuffer(string: String(repeating: "x", count: 200))
        router.get("bare") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
        }
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            logger: Logger(label: "bare") { _ in SwiftLogNoOpLogHandler() }
        )
        try await application.runService()
    }
}
