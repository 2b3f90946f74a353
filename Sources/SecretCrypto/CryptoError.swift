/// A cryptographic operation that failed.
///
/// No text of it ever contains input, output or key material. Two errors are equal when their codes are.
public struct CryptoError: Error, Sendable {
    /// What went wrong.
    public struct Code: Sendable, Hashable {
        private enum Value {
            case authenticationFailed, wrongKeySize, malformedInput, refusedParameters, unavailable
        }

        private let value: Value

        /// The bytes, the key or the additional data are not the ones that were sealed together.
        public static let authenticationFailed = Code(value: .authenticationFailed)
        /// A key, seed or nonce has not the size that the algorithm takes.
        public static let wrongKeySize = Code(value: .wrongKeySize)
        /// An argument is not of the form or length that the algorithm takes.
        public static let malformedInput = Code(value: .malformedInput)
        /// The cost parameters are invalid, or ask for more memory or time than is allowed.
        public static let refusedParameters = Code(value: .refusedParameters)
        /// OpenSSL lacks the algorithm or could not run it.
        public static let unavailable = Code(value: .unavailable)
    }

    /// What went wrong.
    public let code: Code
    private let detail: String

    private init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The bytes, the key or the additional data are not the ones that were sealed together.
    public static let authenticationFailed = CryptoError(
        .authenticationFailed,
        "authentication failed: the sealed bytes were altered, or the key or what they are bound to is another one"
    )

    /// A key of `actual` bytes was given where `expected` are needed.
    static func wrongKeySize(of name: StaticString, expected: Int, actual: Int) -> CryptoError {
        CryptoError(.wrongKeySize, "\(name) has \(actual) bytes and must have \(expected)")
    }

    /// An argument is not of the form that the algorithm takes.
    static func malformedInput(_ rule: StaticString) -> CryptoError {
        CryptoError(.malformedInput, "\(rule)")
    }

    /// Cost parameters are outside what is allowed.
    static func refusedParameters(_ rule: String) -> CryptoError {
        CryptoError(.refusedParameters, rule)
    }

    /// OpenSSL lacks `algorithm` or could not run it, for `reason` in OpenSSL's words.
    static func unavailable(_ algorithm: StaticString, reason: String) -> CryptoError {
        CryptoError(
            .unavailable,
            "OpenSSL cannot provide \(algorithm): \(reason). If it stays so, check that OpenSSL 3 is installed with its "
                + "default provider and that OPENSSL_CONF names no file that turns it off"
        )
    }
}

extension CryptoError: Hashable {
    /// Whether both errors have the same code.
    public static func == (left: CryptoError, right: CryptoError) -> Bool {
        left.code == right.code
    }

    /// Feeds the code.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}

extension CryptoError: CustomStringConvertible {
    /// What failed and what to try, as part of a sentence.
    public var description: String { detail }
}
