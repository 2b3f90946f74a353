import Glibc
import SecretMemory

/// Standard output or standard error.
struct TextOutput: Sendable {
    /// The descriptor.
    let descriptor: Int32
    /// Whether a reader that has gone away ends the process silently, as it ends other Unix programs.
    let diesOfBrokenPipe: Bool

    /// Whether it is a terminal.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes `text` as it is.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be written, for example because the disk is full, ``BrokenPipe``
    ///   when the reader is gone and that is to end the process.
    func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes `bytes` as they are.
    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Writes a value.
    func write(_ value: SecretBytes) throws {
        try value.withBytes { bytes in try bytes.withUnsafeBytes { try write($0) } }
    }

    /// Writes `bytes` as they are.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var position = 0
        while position < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                position += count
                continue
            }
            switch errno {
            case EINTR:
                continue
            case EAGAIN:
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&request, 1, -1)
            case EPIPE where diesOfBrokenPipe:
                throw BrokenPipe()
            case let number:
                throw CommandFailure("The output could not be written (\(String(cString: strerror(number)))).")
            }
        }
    }
}

/// Nobody reads the output any more. Ends the command as an error does, so that it cleans up, and then the process by
/// the signal that other Unix programs die of at once.
struct BrokenPipe: Error {}

extension TextOutput {
    /// Writes `text`, which may hold what a user or a file said, as lines for people. A failure has nowhere to be told.
    func writeMessage(_ text: String) {
        try? write(Self.printable(text) + "\n")
    }

    /// `text` with control characters made visible, so that what is quoted cannot steer the terminal.
    static func printable(_ text: String) -> String {
        let isClean = text.unicodeScalars.allSatisfy { !isControl($0) }
        guard !isClean else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0: true
        // Marks that change the direction of the text around them.
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
