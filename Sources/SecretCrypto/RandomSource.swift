import CLibcrypto
package import SecretMemory

/// Where random bytes for ids, tokens and nonces come from.
///
/// Keys never come from a source that can be passed in: see ``SymmetricKey/random(in:)``.
public protocol RandomSource: Sendable {
    /// Overwrites all of `target` with random bytes.
    func fill(_ target: UnsafeMutableRawBufferPointer)
}

extension RandomSource {
    /// `count` random bytes.
    public func bytes(count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            initializedCount = count
        }
    }
}

/// OpenSSL's random generator (`RAND_bytes`), seeded by the operating system and safe across `fork`.
///
/// A process that cannot get random bytes ends: guessable ids and tokens are worse than none.
public struct SystemRandomSource: RandomSource {
    /// Creates the source.
    public init() {}

    /// Overwrites all of `target` with random bytes.
    public func fill(_ target: UnsafeMutableRawBufferPointer) {
        guard RandomBytes.fill(target, from: .publicValues) else {
            fatalError("no random bytes: \(OpenSSL.takeReason())")
        }
    }
}

/// OpenSSL's two generators.
enum RandomBytes {
    enum Generator {
        /// For what others may see, such as ids and nonces.
        case publicValues
        /// For keys and tokens; a state of its own, so that nothing public can tell anything about it.
        case secretValues
    }

    /// Overwrites all of `target`, or returns `false` when OpenSSL has no random bytes.
    static func fill(_ target: UnsafeMutableRawBufferPointer, from generator: Generator) -> Bool {
        guard OpenSSL.isStarted else { return false }
        var rest = target[...]
        while !rest.isEmpty {
            let part = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(Int(Int32.max)))
            let bytes = part.bindMemory(to: UInt8.self).baseAddress
            let status =
                switch generator {
                case .publicValues: RAND_bytes(bytes, Int32(part.count))
                case .secretValues: RAND_priv_bytes(bytes, Int32(part.count))
                }
            guard status == 1 else { return false }
            rest = rest.dropFirst(part.count)
        }
        return true
    }
}

extension SecretBytes {
    /// `count` bytes from OpenSSL's generator for secret values; the process ends when there are none.
    package static func randomSecret(count: Int, in pool: SecretPool) -> SecretBytes {
        SecretBytes(count: count, in: pool) { target in
            guard RandomBytes.fill(target, from: .secretValues) else {
                fatalError("no random bytes for a key: \(OpenSSL.takeReason())")
            }
        }
    }
}
