import ArgumentParser
import Glibc
import SecretScopes

/// What secrets are called where they are moved to.
struct NameMapping {
    /// The case of letters.
    enum Case: String, CaseIterable, ExpressibleByArgument {
        case lower
        case upper
    }

    /// What stands between words.
    enum Words: String, CaseIterable, ExpressibleByArgument {
        case dashes
        case underscores
    }

    /// What the other characters that names can have become.
    private static let separators: Set<Character> = ["-", "_", ".", "/", "@", " "]

    /// Names that become others, by the names in lower case; nothing else is done to these.
    private(set) var renamed: [String: (old: String, new: String)] = [:]
    var letters: Case?
    var words: Words?
    var prefix = ""

    /// Adds `OLD=NEW`.
    ///
    /// - Throws: ``UsageFailure`` when it is none, or OLD was given already.
    mutating func rename(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw UsageFailure("--rename wants OLD=NEW, such as api-key=API_KEY")
        }
        guard renamed.updateValue((parts[0], parts[1]), forKey: parts[0].lowercased()) == nil else {
            throw UsageFailure("\(parts[0]) is renamed twice. Leave out one.")
        }
    }

    /// Adds the lines of a file, each `OLD=NEW`; empty ones and those that begin with `#` are left out.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read, or a line is none.
    mutating func rename(byFile path: String) throws {
        guard let file = fopen(path, "re") else {
            throw CommandFailure("The file \(path) cannot be read (\(String(cString: strerror(errno)))).")
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        var number = 0
        while getline(&line, &capacity, file) >= 0, let text = line.map({ String(cString: $0) }) {
            number += 1
            // Names have no white space, so that all of it is around them.
            let line = text.filter { !$0.isWhitespace }
            if line.isEmpty || line.hasPrefix("#") { continue }
            do {
                try rename(line)
            } catch let failure as UsageFailure {
                throw CommandFailure("\(path):\(number): \(failure.message)")
            }
        }
    }

    /// The name of `name` there.
    func name(of name: String) -> String {
        if let renamed = renamed[name.lowercased()] { return renamed.new }
        var result = name
        switch letters {
        case .lower: result = result.lowercased()
        case .upper: result = result.uppercased()
        case nil: break
        }
        if let words {
            let separator: Character = words == .dashes ? "-" : "_"
            result = String(result.map { Self.separators.contains($0) ? separator : $0 })
        }
        return prefix + result
    }

    /// What is to be renamed and is not among `names`, with what may be meant.
    func problems(with names: [String]) -> [String] {
        let known = Set(names.map { $0.lowercased() })
        return renamed.filter { !known.contains($0.key) }.map(\.value.old).sorted().map { old in
            "\(old) is to be renamed and is not there.\(NearestName.hint(among: names, to: old))"
        }
    }
}
