import Foundation
import Glibc

/// A server in a process of its own, which is stopped when the last reference goes.
final class ServerProcess {
    /// Where it listens, as a link begins.
    let address: String
    private let process = Process()

    /// Starts a program and waits until it takes connections.
    ///
    /// - Parameter arguments: Makes the arguments, the program's path first, for a port.
    init(environment: [String: String], _ arguments: (Int) throws -> [String]) throws {
        let port = try Self.freePort()
        let arguments = try arguments(port)
        address = "http://127.0.0.1:\(port)"
        process.executableURL = URL(fileURLWithPath: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while !Self.takesConnections(port) {
            guard process.isRunning else { throw ChildProcessFailure("\(arguments[0]) ended before it listened.") }
            usleep(10_000)
        }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    /// The bytes that it has in memory at this moment.
    var residentMemory: Int {
        get throws { try ResidentMemory.now(of: "\(process.processIdentifier)") }
    }

    /// A port of this machine on which nobody listens.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return bind(descriptor, start, length) == 0 ? getsockname(descriptor, start, &length) : -1
        }
        guard status == 0 else { throw ChildProcessFailure("No port can be had.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func takesConnections(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.address(port)
        return withUnsafeBytes(of: &address) { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return connect(descriptor, start, socklen_t(bytes.count)) == 0
        }
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
