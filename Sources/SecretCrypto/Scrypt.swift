import CLibcrypto
public import SecretMemory

/// scrypt (RFC 7914): a key from a password, made slow and memory-hungry so that guessing is expensive.
public enum Scrypt {
    /// What a derivation costs. Stored beside what was derived, so they may come from a file that was tampered with:
    /// ``Scrypt/derive(password:salt:parameters:count:in:)`` refuses absurd ones before it allocates anything.
    public struct Parameters: Sendable, Hashable {
        /// The binary logarithm of N, the number of blocks held in memory.
        public var logCost: Int
        /// r, in units of 128 bytes.
        public var blockSize: Int
        /// p, how often the work is done, one after the other.
        public var parallelism: Int

        /// Creates parameters; they are checked when they are used.
        public init(logCost: Int, blockSize: Int, parallelism: Int) {
            self.logCost = logCost
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// 32 MiB and a tenth of a second on a small machine: for a person who waits.
        public static let interactive = Parameters(logCost: 15, blockSize: 8, parallelism: 1)

        /// The most memory that a derivation may take, in bytes: what N = 2^20 and r = 8 take.
        public static let maximumMemory = (1 << 30) + (1 << 20)

        /// The most work that a derivation may take, as N · r · p: several seconds on a small machine.
        public static let maximumWork = 1 << 24
    }

    /// The largest number of bytes that can be derived.
    public static let maximumCount = 1024

    /// Derives `count` bytes, 1 to ``maximumCount``, from `password`.
    ///
    /// The memory in which OpenSSL works is not locked; it is zeroed before this returns.
    ///
    /// - Throws: ``CryptoError/Code/refusedParameters`` for parameters that RFC 7914 forbids or that take more than
    ///   ``Parameters/maximumMemory`` or ``Parameters/maximumWork``, ``CryptoError/Code/malformedInput`` when `count`
    ///   is out of range, ``CryptoError/Code/unavailable``.
    public static func derive(
        password: SecretBytes,
        salt: [UInt8],
        parameters: Parameters,
        count: Int,
        in pool: SecretPool
    ) throws(CryptoError) -> SecretBytes {
        guard (1...maximumCount).contains(count) else { throw .malformedInput("scrypt derives 1 to 1024 bytes here") }
        try parameters.check()
        guard OpenSSL.isStarted else { throw .unavailable("scrypt", reason: OpenSSL.takeReason()) }
        return try SecretBytes(count: count, in: pool) { target throws(CryptoError) in
            let status = password.withUnsafeBytes { password in
                EVP_PBE_scrypt(
                    password.bindMemory(to: CChar.self).baseAddress,
                    password.count,
                    salt,
                    salt.count,
                    1 << UInt64(parameters.logCost),
                    UInt64(parameters.blockSize),
                    UInt64(parameters.parallelism),
                    UInt64(Parameters.maximumMemory),
                    target.bindMemory(to: UInt8.self).baseAddress,
                    count
                )
            }
            guard status == 1 else { throw .unavailable("scrypt", reason: OpenSSL.takeReason()) }
        }
    }
}

extension Scrypt.Parameters {
    /// Throws when RFC 7914, section 2, forbids the parameters or they take too much memory or time.
    func check() throws(CryptoError) {
        // Bounds that keep the products below from overflowing.
        guard (1...30).contains(logCost), (1...1024).contains(blockSize), (1...1024).contains(parallelism) else {
            throw .refusedParameters(
                "scrypt parameters are out of range: logCost 1 to 30, blockSize and parallelism 1 to 1024"
            )
        }
        guard logCost < 16 * blockSize else {
            throw .refusedParameters("scrypt needs a logCost below 16 times the blockSize (RFC 7914, section 2)")
        }
        // As OpenSSL counts it: p blocks, N blocks, and two more to work in.
        let memory = 128 * blockSize * (parallelism + (1 << logCost) + 2)
        guard memory <= Self.maximumMemory else {
            throw .refusedParameters("scrypt with these parameters would take more than 1 GiB of memory")
        }
        guard (1 << logCost) * blockSize * parallelism <= Self.maximumWork else {
            throw .refusedParameters("scrypt with these parameters would take too long: N * r * p is above 2^24")
        }
    }
}
