import Glibc

/// A socket that listens on a free port of this machine until it goes.
package final class ListeningSocket: Sendable {
    /// It cannot be made, or nobody came.
    package struct Unavailable: Error {}

    /// The port.
    package let port: UInt16
    private let descriptor: Int32

    /// Listens.
    package init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let bound = bind(descriptor, pointer, length)
                return bound == 0 ? getsockname(descriptor, pointer, &length) : bound
            }
        }
        guard status == 0, listen(descriptor, 4) == 0 else {
            close(descriptor)
            throw Unavailable()
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }

    /// Waits for a connection, reads the beginning of a request and answers it, for each answer, and closes the
    /// connection.
    package func answer(_ texts: String...) async throws {
        guard let connection = try await accept() else { throw Unavailable() }
        for text in texts { try await Self.answer(text, on: connection) }
        close(connection)
    }

    /// Waits for a request on a connection, and answers it.
    package static func answer(_ text: String, on connection: Int32) async throws {
        try await offPool {
            var bytes = [UInt8](repeating: 0, count: 4096)
            _ = recv(connection, &bytes, bytes.count, 0)
            _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Waits for a connection.
    package func accept() async throws -> Int32? {
        let connection = try await offPool { Glibc.accept(self.descriptor, nil, nil) }
        return connection >= 0 ? connection : nil
    }
}
