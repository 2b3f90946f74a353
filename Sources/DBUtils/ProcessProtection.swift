internal import Glibc

/// Keeps what this process holds from other processes of the same user.
enum ProcessProtection {
    /// `PR_SET_DUMPABLE` of <linux/prctl.h>, which is no part of the Glibc module.
    private static let setDumpable: Int32 = 4

    /// Forbids core dumps of this process and looks into its memory, as far as the kernel lets us.
    static func forbidInspection() {
        // `prctl` takes a variable number of arguments, which Swift does not import.
        guard let symbol = dlsym(nil, "prctl") else { return }
        let prctl = unsafeBitCast(symbol, to: (@convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32).self)
        _ = prctl(setDumpable, 0, 0, 0, 0)
    }
}
