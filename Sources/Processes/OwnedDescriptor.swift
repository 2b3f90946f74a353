internal import CLinux
internal import Glibc
package import SecretMemory

/// A descriptor that is closed with its last reference.
package final class OwnedDescriptor: Sendable {
    /// The descriptor's number.
    package let number: Int32

    /// Takes over a descriptor that is open.
    package init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}

/// A pipe that no other program inherits. Reading from it never blocks.
package struct Pipe: Sendable {
    /// The end that is read from.
    package let reading: OwnedDescriptor
    /// The end that is written to.
    package let writing: OwnedDescriptor

    /// Makes a pipe.
    package init() throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw SystemCallError(call: "pipe2", number: errno) }
        self.reading = OwnedDescriptor(ends[0])
        self.writing = OwnedDescriptor(ends[1])
        guard fcntl(reading.number, F_SETFL, O_NONBLOCK) == 0 else {
            throw SystemCallError(call: "fcntl", number: errno)
        }
    }
}
