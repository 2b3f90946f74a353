internal import ErasingBuffers
internal import NIOCore
internal import SecretCrypto
internal import SecretMemory
internal import Synchronization

/// The secrets that stand in the headers of requests which are on their way.
///
/// An HTTP library keeps headers as strings, which nobody overwrites. So it is given place holders, and
/// ``SecretHeaderHandler`` puts the secrets in their places in the bytes that go into the encryption.
final class SecretHeaders: Sendable {
    /// Place holders begin with it. Nothing that a request holds besides begins so: the rest is random.
    static let mark = Array("hush-secret-".utf8)
    /// The length of a place holder.
    static let length = mark.count + 32

    private let secrets = Mutex<[[UInt8]: SecretBytes]>([:])
    private let random: any RandomSource

    init(random: any RandomSource) {
        self.random = random
    }

    /// Keeps a secret until ``forget(_:)``, and returns what stands for it.
    func placeHolder(for secret: SecretBytes) -> String {
        let text = String(decoding: Self.mark, as: UTF8.self) + Hexadecimal.encode(random.bytes(count: 16))
        secrets.withLock { $0[Array(text.utf8)] = secret }
        return text
    }

    /// Forgets a secret, because its request is over.
    func forget(_ placeHolder: String) {
        _ = secrets.withLock { $0.removeValue(forKey: Array(placeHolder.utf8)) }
    }

    /// The secret that a place holder stands for.
    func secret(for placeHolder: [UInt8]) -> SecretBytes? {
        secrets.withLock { $0[placeHolder] }
    }

    /// Whether nothing is on its way.
    var isEmpty: Bool { secrets.withLock { $0.isEmpty } }
}

/// Stands between HTTP and encryption: puts secrets in their places in what is sent, and copies what is received into
/// memory that is overwritten, since the encryption's own buffers are made before anybody can say where.
final class SecretHeaderHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let secrets: SecretHeaders
    /// Whether what was written will be sent at the end of this turn of the event loop.
    private var isToBeFlushed = false

    init(_ secrets: SecretHeaders) {
        self.secrets = secrets
    }

    /// The client sends a request's head by itself. With the body, which follows at once, it makes one packet.
    func flush(context: ChannelHandlerContext) {
        guard !isToBeFlushed else { return }
        isToBeFlushed = true
        context.eventLoop.assumeIsolated().execute { [self] in
            isToBeFlushed = false
            context.flush()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let received = unwrapInboundIn(data)
        var copy = ByteBufferAllocator.erasing.buffer(capacity: received.readableBytes)
        copy.writeImmutableBuffer(received)
        received.overwriteReadableBytes()
        context.fireChannelRead(wrapInboundOut(copy))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let buffer = unwrapOutboundIn(data)
        guard !secrets.isEmpty, let filled = fill(buffer) else {
            return context.write(data, promise: promise)
        }
        context.write(wrapOutboundOut(filled), promise: promise)
    }

    /// The bytes with secrets in their places; `nil` when there is no place holder among them.
    private func fill(_ buffer: ByteBuffer) -> ByteBuffer? {
        buffer.withUnsafeReadableBytes { bytes in
            var filled: ByteBuffer?
            var copied = 0
            var position = 0
            let last = bytes.count - SecretHeaders.length
            while position <= last {
                guard
                    bytes[position] == SecretHeaders.mark[0],
                    bytes[position..<(position + SecretHeaders.mark.count)].elementsEqual(SecretHeaders.mark),
                    let secret = secrets.secret(for: Array(bytes[position..<(position + SecretHeaders.length)]))
                else {
                    position += 1
                    continue
                }
                var target = filled ?? ByteBufferAllocator.erasing.buffer(capacity: bytes.count + secret.count)
                target.writeBytes(bytes[copied..<position])
                secret.withBytes { $0.withUnsafeBytes { _ = target.writeBytes($0) } }
                filled = target
                position += SecretHeaders.length
                copied = position
            }
            filled?.writeBytes(bytes[copied...])
            return filled
        }
    }
}
