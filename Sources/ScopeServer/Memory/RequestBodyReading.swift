internal import ErasingBuffers
internal import Hummingbird
internal import SecretMemory

/// A request's body that is larger than what is read.
struct BodyTooLarge: Error {}

/// A connection that broke, or ceased to speak HTTP, inside a request's body.
struct UnreadableBody: Error {
    /// What the server library reported; it decides what becomes of the connection.
    let cause: any Error
}

extension Request {
    /// Moves the body into secret memory and overwrites it where it came from.
    ///
    /// - Throws: ``BodyTooLarge``, ``UnreadableBody``.
    func secretBody(limit: Int, pool: SecretPool) async throws -> SecretBytes {
        if let announced = headers[.contentLength].flatMap({ Int($0) }), announced > limit {
            throw BodyTooLarge()
        }
        var content = SecretBuffer(in: pool)
        var chunks = body.makeAsyncIterator()
        while true {
            let next: ByteBuffer?
            do {
                next = try await chunks.next()
            } catch {
                throw UnreadableBody(cause: error)
            }
            guard let chunk = next else { return content.finish() }
            chunk.withUnsafeReadableBytes { content.append($0.bytes) }
            chunk.overwriteReadableBytes()
            guard content.count <= limit else { throw BodyTooLarge() }
        }
    }
}
