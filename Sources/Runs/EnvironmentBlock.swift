internal import Glibc
internal import SecretMemory

/// An environment as `execve` takes it: `NAME=VALUE` texts, zeroed when the block goes.
struct EnvironmentBlock: ~Copyable {
    private let entries: [UnsafeMutableRawBufferPointer]
    private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// Lays out `environment`.
    ///
    /// - Throws: ``ChildProcessError`` that names the variable when a name or a value cannot stand in an environment.
    init(_ environment: ChildEnvironment) throws(ChildProcessError) {
        var entries: [UnsafeMutableRawBufferPointer] = []
        var refused: String?
        for name in environment.names {
            guard let value = environment.values[name], let entry = Self.entry(name, value) else {
                refused = name
                break
            }
            entries.append(entry)
        }
        self.entries = entries
        self.pointers = .allocate(capacity: entries.count + 1)
        for (index, entry) in entries.enumerated() {
            (pointers + index).initialize(to: entry.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
        (pointers + entries.count).initialize(to: nil)
        if let refused { throw .unusableVariable(refused) }
    }

    deinit {
        for entry in entries {
            if let base = entry.baseAddress { explicit_bzero(base, entry.count) }
            entry.deallocate()
        }
        pointers.deallocate()
    }

    /// Lends the block to a C function for the duration of `body`.
    borrowing func withPointers<R>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
        body(pointers)
    }

    private static func entry(_ name: String, _ value: ChildEnvironment.Value) -> UnsafeMutableRawBufferPointer? {
        guard !name.isEmpty, !name.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0 }) else { return nil }
        switch value {
        case .plain(let text):
            var text = text
            return text.withUTF8 { entry(name, UnsafeRawBufferPointer($0)) }
        case .secret(let bytes):
            return bytes.withUnsafeBytes { entry(name, $0) }
        }
    }

    private static func entry(_ name: String, _ value: UnsafeRawBufferPointer) -> UnsafeMutableRawBufferPointer? {
        guard !value.contains(0) else { return nil }
        let prefix = Array("\(name)=".utf8)
        let entry = UnsafeMutableRawBufferPointer.allocate(byteCount: prefix.count + value.count + 1, alignment: 1)
        entry.copyBytes(from: prefix)
        UnsafeMutableRawBufferPointer(rebasing: entry[prefix.count...]).copyMemory(from: value)
        entry[entry.count - 1] = 0
        return entry
    }
}
