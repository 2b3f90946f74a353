internal import Glibc

/// Where the run's broker listens: a port of the loopback interface.
struct RunAddress: Sendable, Hashable {
    /// The IPv4 address in host byte order.
    var address: UInt32
    var port: UInt16
    /// What the `Host` header says.
    var authority: String

    /// Reads `http://HOST[:PORT][/]`, where `HOST` is `localhost` or an IPv4 literal in 127.0.0.0/8; `nil` for anything
    /// else, since the run's token must not leave this machine.
    init?(_ text: String) {
        let scheme = "http://"
        guard text.lowercased().hasPrefix(scheme) else { return nil }
        var authority = text.dropFirst(scheme.count)
        if authority.last == "/" { authority = authority.dropLast() }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = Self.loopback(parts[0]) else { return nil }
        self.address = address
        self.authority = String(authority)
        guard parts.count == 2 else {
            self.port = 80
            return
        }
        guard let port = Self.decimal(parts[1], upTo: UInt32(UInt16.max)), port > 0 else { return nil }
        self.port = UInt16(port)
    }

    private static func loopback(_ host: Substring) -> UInt32? {
        if host.lowercased() == "localhost" { return 0x7F00_0001 }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let value = decimal(part, upTo: 255) else { return nil }
            address = address << 8 | value
        }
        return address >> 24 == 127 ? address : nil
    }

    private static func decimal(_ text: Substring, upTo limit: UInt32) -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        guard let value = UInt32(text), value <= limit else { return nil }
        return value
    }

    /// Opens a connection and returns its descriptor, which programs that this process starts do not inherit.
    func connect(timeoutSeconds: Int) throws(DBUtilsError) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .unavailable(Self.reason("socket", errno)) }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = address.bigEndian
        var result: Int32
        repeat {
            result = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        } while result != 0 && errno == EINTR
        // A call interrupted after it began goes on by itself; repeating it then reports EISCONN.
        guard result == 0 || errno == EISCONN else {
            let error = errno
            close(descriptor)
            throw .unavailable(Self.reason("connect", error))
        }
        return descriptor
    }

    static func reason(_ call: String, _ number: Int32) -> String {
        "\(call): \(String(cString: strerror(number)))"
    }
}
