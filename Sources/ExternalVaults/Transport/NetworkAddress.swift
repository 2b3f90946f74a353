internal import Glibc

/// The number behind a host's name.
struct NetworkAddress: Hashable, Sendable {
    private let bytes: [UInt8]

    /// Takes the number out of the socket address at `address`; `nil` when it is none of the Internet's.
    init?(at address: UnsafePointer<sockaddr>) {
        // By their places, which the system's binary interface fixes: port and flow information stand before them.
        let start = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET: self.bytes = Array(UnsafeRawBufferPointer(start: start + 4, count: 4))
        case AF_INET6: self.bytes = Array(UnsafeRawBufferPointer(start: start + 8, count: 16))
        default: return nil
        }
    }

    /// Reads the text form; `nil` when it is a name.
    init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes[..<4])
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    /// Whether the address is this machine's own, of the link alone, of a cloud's metadata service, or of nobody: what no
    /// link may reach unless the settings list it.
    var isGuarded: Bool {
        if let four = fourBytes { return Self.isGuarded(four) }
        let isZero = bytes.dropLast().allSatisfy { $0 == 0 }
        if isZero, bytes[15] <= 1 { return true }  // :: and ::1
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 { return true }  // fe80::/10, link-local
        if bytes[0] == 0xFF { return true }  // multicast
        // fd00:ec2::/32, where EC2 and EKS have their services.
        return bytes.starts(with: [0xFD, 0x00, 0x0E, 0xC2])
    }

    /// The number of a version 4 address, also of one that is written as a version 6 one.
    private var fourBytes: ArraySlice<UInt8>? {
        if bytes.count == 4 { return bytes[...] }
        let mapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        // 64:ff9b::/96 is how version 4 addresses are written behind a translator (RFC 6052).
        let translated = bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]) && bytes[4..<12].allSatisfy { $0 == 0 }
        return mapped || translated ? bytes[12...] : nil
    }

    private static func isGuarded(_ four: ArraySlice<UInt8>) -> Bool {
        let first = four[four.startIndex]
        let second = four[four.startIndex + 1]
        switch first {
        case 0, 127: return true  // this network, this machine
        case 169: return second == 254  // link-local, and the metadata services of most clouds
        case 100: return Array(four) == [100, 100, 100, 200]  // Alibaba's metadata service
        case 192: return Array(four) == [192, 0, 0, 192]  // Oracle's
        case 168: return Array(four) == [168, 63, 129, 16]  // Azure's wire server
        default: return first >= 224  // multicast, broadcast
        }
    }
}
