internal import Glibc
internal import Synchronization

/// The channel to the runner, or `nil` when no runner started this process.
let controlChannel = ProcessEnvironment.value(ControlChannel.variable).flatMap(Int32.init).flatMap {
    ControlChannel(descriptor: $0)
}

/// The notebook program's end of the control descriptor.
///
/// When the descriptor is gone, because the program closed it or the runner gave up, every call does nothing and the
/// program goes on.
final class ControlChannel: Sendable {
    /// The variable that names the descriptor.
    static let variable = "HUSH_CONTROL_DESCRIPTOR"

    /// Which file a descriptor stands for. A program that closes all its descriptors may get our number back for a file
    /// of its own, which must not receive our frames.
    struct Identity: Equatable {
        var device: UInt64
        var inode: UInt64

        init?(of descriptor: Int32) {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
            self.device = UInt64(status.st_dev)
            self.inode = UInt64(status.st_ino)
        }
    }

    let descriptor: Int32
    private let identity: Identity
    /// Held from a frame to its answer, so that frames of several threads do not mix.
    private let isOpen = Mutex(true)

    init?(descriptor: Int32) {
        guard let identity = Identity(of: descriptor) else { return nil }
        self.descriptor = descriptor
        self.identity = identity
    }

    /// Sends `frame`, after what was printed before it, and returns the runner's answer; `nil` when there is none.
    func exchange(_ frame: ControlFrame) -> ControlFrame? {
        fflush(nil)
        return isOpen.withLock { isOpen in
            guard isOpen, Identity(of: descriptor) == identity, send(frame.bytes), let answer = receiveFrame() else {
                isOpen = false
                return nil
            }
            return answer
        }
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let written = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if written < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                sent += written
            }
            return true
        }
    }

    private func receiveFrame() -> ControlFrame? {
        guard let header = receive(ControlFrame.headerLength), let kind = ControlFrame.Kind(rawValue: header[0]) else {
            return nil
        }
        var length = ControlPayload(Array(header[1...]))
        guard let length = length.number(), let payload = receive(length) else { return nil }
        var frame = ControlFrame(kind)
        frame.payload = payload
        return frame
    }

    private func receive(_ count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, received in
            while received < count {
                let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[received..<count]))
                let number = recv(descriptor, rest.baseAddress, rest.count, 0)
                if number < 0, errno == EINTR { continue }
                guard number > 0 else { return }
                received += number
            }
        }
        return bytes.count == count ? bytes : nil
    }
}
