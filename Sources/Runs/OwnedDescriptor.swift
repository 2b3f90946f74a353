internal import CLinux
internal import Glibc

/// A descriptor that is closed with its last reference.
final class OwnedDescriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}

/// A pipe that no other program inherits. Reading from it never blocks.
struct Pipe: Sendable {
    let reading: OwnedDescriptor
    let writing: OwnedDescriptor

    init() throws(ChildProcessError) {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw .systemCall("pipe2") }
        self.reading = OwnedDescriptor(ends[0])
        self.writing = OwnedDescriptor(ends[1])
        guard fcntl(reading.number, F_SETFL, O_NONBLOCK) == 0 else { throw .systemCall("fcntl") }
    }
}
