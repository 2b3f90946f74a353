internal import DatabricksAPI
internal import ErasingBuffers
internal import HTTPTypes
internal import Hummingbird
internal import SecretMemory
internal import SecretScopes

extension Response {
    /// An answer in JSON.
    static func json(_ body: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    /// The answer of a finished call that has nothing to say.
    static var nothing: Response {
        Response(status: .noContent)
    }

    /// An answer in JSON that holds a secret, in memory that is overwritten when it was sent.
    static func json(_ body: SecretBytes) -> Response {
        let count = body.withBytes { $0.byteCount }
        var buffer = ByteBufferAllocator.erasing.buffer(capacity: count)
        body.withBytes { bytes in bytes.withUnsafeBytes { _ = buffer.writeBytes($0) } }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: buffer)
        )
    }

    /// The answer with a secret's value, in memory that is overwritten when it was sent.
    static func value(of secret: Secret) -> Response {
        let answer = ValueAnswer(secret)
        var buffer = ByteBufferAllocator.erasing.buffer(capacity: answer.byteCount)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: answer.byteCount) { target in
            answer.write(to: target)
            return answer.byteCount
        }
        var response = Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: buffer)
        )
        // For the redactor of a run that reads from a server.
        if secret.minimumRedaction != .literal {
            response.headers[.minimumRedaction] = secret.minimumRedaction.description
        }
        return response
    }
}
