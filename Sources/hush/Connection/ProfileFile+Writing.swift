import Glibc
import SecretMemory

extension ProfileFile {
    /// The file's new contents: everything that was there, comments too, with the profile `name` holding `entries`.
    ///
    /// A profile that is there keeps its place; its lines with the keys in `dropping` go.
    static func contents(
        of file: ProfileFile?,
        with entries: [(key: String, value: SecretBytes)],
        inProfile name: String,
        dropping keys: Set<String>,
        pool: SecretPool
    ) -> SecretBytes {
        var result = SecretBuffer(in: pool)
        let own = file?.lines(ofProfile: name)
        if let file {
            let kept = own?.upperBound ?? file.lines.endIndex
            file.append(file.lines[..<(own?.lowerBound ?? kept)], to: &result)
            if let own {
                var lines = Array(file.lines[own])
                lines.removeAll { line in line.entry.map { keys.contains($0.key) } ?? false }
                // What divides it from the next profile stays behind what is added.
                let end = lines.lastIndex { $0.section != nil || $0.entry != nil }.map { $0 + 1 } ?? lines.endIndex
                file.append(lines[..<end], to: &result)
                append(entries, to: &result)
                file.append(lines[end...], to: &result)
                file.append(file.lines[kept...], to: &result)
                return result.finish()
            }
            if result.count > 0 { result.append(UInt8(ascii: "\n")) }
        }
        append("[\(name)]\n", to: &result)
        append(entries, to: &result)
        return result.finish()
    }

    /// Writes contents to the place of the file at `path`, readable by nobody else, in one step: a reader sees the old
    /// file or the new one.
    ///
    /// - Throws: ``CommandFailure`` when that fails; then the old file is as it was.
    static func write(_ contents: SecretBytes, to path: String) throws {
        // Where a link leads, so that the link stays one.
        let target =
            realpath(path, nil).map { resolved in
                defer { free(resolved) }
                return String(cString: resolved)
            } ?? path
        try contents.withBytes { bytes in
            try bytes.withUnsafeBytes { try PrivateFile(path: target, replaces: true).write($0) }
        }
    }

    private func append(_ lines: some Sequence<Line>, to result: inout SecretBuffer) {
        contents.withBytes { bytes in
            for line in lines {
                result.append(bytes.extracting(line.range))
                let last = line.range.upperBound - 1
                guard bytes.unsafeLoad(fromByteOffset: last, as: UInt8.self) != UInt8(ascii: "\n") else { continue }
                result.append(UInt8(ascii: "\n"))
            }
        }
    }

    private static func append(_ entries: [(key: String, value: SecretBytes)], to result: inout SecretBuffer) {
        for entry in entries {
            append("\(entry.key) = ", to: &result)
            entry.value.withBytes { result.append($0) }
            result.append(UInt8(ascii: "\n"))
        }
    }

    private static func append(_ text: String, to result: inout SecretBuffer) {
        result.append(Array(text.utf8).span.bytes)
    }
}
