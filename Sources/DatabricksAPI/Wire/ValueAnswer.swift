internal import SecretJSON
internal import SecretMemory
public import SecretScopes

/// The answer that holds a value: `{"key":"…","value":"<base64>"}`.
///
/// The value goes straight from its own memory into the buffer that is sent, in base64 with padding. It never
/// passes through an encoder, which would leave copies behind.
public struct ValueAnswer: Sendable {
    /// The header that tells the least redaction of the value, when that is more than `literal`. Databricks has none.
    public static let minimumRedactionHeader: StaticString = "X-Hush-Minimum-Redaction"

    private let head: [UInt8]
    private let value: SecretBytes
    private let tail = Array("\"}".utf8)

    /// Creates the answer for a secret that was read.
    public init(_ secret: Secret) {
        var head = Array("{\"key\":".utf8)
        head.appendJSONString(secret.key)
        head.append(text: ",\"value\":\"")
        self.head = head
        self.value = secret.value
    }

    /// The number of bytes of the answer.
    public var byteCount: Int {
        head.count + Base64.encodedCount(value.count) + tail.count
    }

    /// Writes the answer to the start of `target`, which must have room for ``byteCount`` bytes.
    public func write(to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count >= byteCount, "the target is too small for the answer")
        let encodedCount = Base64.encodedCount(value.count)
        target.copyBytes(from: head)
        let encoded = UnsafeMutableRawBufferPointer(rebasing: target[head.count..<(head.count + encodedCount)])
        value.withBytes { Base64.encode($0, into: encoded) }
        UnsafeMutableRawBufferPointer(rebasing: target[(head.count + encodedCount)...]).copyBytes(from: tail)
    }
}
