import CLibcrypto

/// The algorithms of libcrypto, each fetched once, when it is first asked for.
///
/// Fetching by name for every operation costs more than a small operation itself; a process that needs no cryptography
/// does not pay for starting libcrypto.
enum OpenSSL {
    static let aes256GCM = Algorithm("AES-256-GCM", EVP_CIPHER_fetch(nil, "AES-256-GCM", nil))
    static let sha256 = Algorithm("SHA-256", EVP_MD_fetch(nil, "SHA256", nil))
    static let hmac = Algorithm("HMAC", EVP_MAC_fetch(nil, "HMAC", nil))
    static let hkdf = Algorithm("HKDF", EVP_KDF_fetch(nil, "HKDF", nil))

    /// Starts libcrypto. Whatever calls libcrypto reads this first.
    ///
    /// At exit libcrypto would otherwise free what other threads may still be using. Without its tables of names for
    /// ciphers and digests, which fetching does not need, it starts in half the time.
    static let isStarted =
        OPENSSL_init_crypto(
            UInt64(OPENSSL_INIT_NO_ATEXIT) | UInt64(OPENSSL_INIT_NO_ADD_ALL_CIPHERS)
                | UInt64(OPENSSL_INIT_NO_ADD_ALL_DIGESTS), nil) == 1

    /// OpenSSL's words for the last error of this thread, whose list of errors is emptied.
    static func takeReason() -> String {
        defer { ERR_clear_error() }
        guard let reason = ERR_reason_error_string(ERR_peek_last_error()) else { return "no reason given" }
        return String(cString: reason)
    }
}

/// An algorithm that libcrypto has, or has not.
// @unchecked: fetched algorithms do not change, and OpenSSL lets any number of threads use them ("EVP_CIPHER_fetch",
// "EVP_MD_fetch" and their like; reference counts are atomic). The constants above keep their references for ever.
struct Algorithm: @unchecked Sendable {
    private let name: StaticString
    private let handle: OpaquePointer?
    private let reason: String

    init(_ name: StaticString, _ fetch: @autoclosure () -> OpaquePointer?) {
        self.name = name
        self.handle = OpenSSL.isStarted ? fetch() : nil
        self.reason = handle == nil ? OpenSSL.takeReason() : ""
    }

    /// The fetched algorithm, for functions that can throw.
    func get() throws(CryptoError) -> OpaquePointer {
        guard let handle else { throw .unavailable(name, reason: reason) }
        return handle
    }

    /// The fetched algorithm, for functions that cannot throw: hashes and message authentication codes decide what is
    /// trusted, so a process that lacks them must not go on. `fatalError`, here and where else OpenSSL fails a caller that
    /// cannot throw, because of a failed precondition a release build prints nothing.
    func require() -> OpaquePointer {
        guard let handle else { fatalError("\(CryptoError.unavailable(name, reason: reason))") }
        return handle
    }
}

/// A call of libcrypto that fails only for lack of memory, or because it was called wrongly.
///
/// Used where the caller cannot throw; going on would mean a digest or a code that was never computed.
@inline(__always)
func requireSuccess(_ status: Int32, _ call: StaticString) {
    guard status == 1 else { fatalError("OpenSSL's \(call) failed: \(OpenSSL.takeReason())") }
}

extension StaticString {
    /// The characters as a C string, which lives as long as the process.
    var cString: UnsafePointer<CChar> {
        UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
