import Glibc

/// Waits until a program that a test wrote can be executed.
///
/// A child that another test starts at the moment has what is open here until it executes its own program, and a file that
/// somebody has open for writing cannot be executed. The kernel grants no lease on one either.
package func waitUntilNobodyWrites(to path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw ToolProcess.Failed(description: "open \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    // F_SETLEASE of <fcntl.h>, which Swift does not see.
    let setLease: Int32 = 1024
    while fcntl(descriptor, setLease, F_RDLCK) != 0, errno == EAGAIN { sched_yield() }
}
