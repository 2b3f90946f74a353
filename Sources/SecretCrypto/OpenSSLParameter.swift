import CLibcrypto

extension OSSL_PARAM {
    /// A parameter that is a word of OpenSSL's own, such as the name of an algorithm.
    static func text(_ name: StaticString, _ value: StaticString) -> OSSL_PARAM {
        // OpenSSL only reads it; its C declaration lacks a `const`.
        let start = UnsafeMutablePointer(mutating: value.cString)
        return OSSL_PARAM_construct_utf8_string(name.cString, start, value.utf8CodeUnitCount)
    }

    /// A parameter that is bytes, which must stay where they are until the call that takes the parameter returns.
    static func bytes(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> OSSL_PARAM {
        let start = UnsafeMutableRawPointer(mutating: value.baseAddress)
        return OSSL_PARAM_construct_octet_string(name.cString, start, value.count)
    }

    /// A parameter that is a whole number, not negative, in the machine's byte order; it must stay where it is until the
    /// call that takes the parameter returns.
    static func number(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> OSSL_PARAM {
        let start = UnsafeMutableRawPointer(mutating: value.baseAddress)?.assumingMemoryBound(to: UInt8.self)
        return OSSL_PARAM_construct_BN(name.cString, start, value.count)
    }
}
