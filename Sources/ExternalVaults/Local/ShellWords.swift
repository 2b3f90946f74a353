/// Divides a text into words as a POSIX shell does, with quotation marks and backslashes, and with nothing replaced in them.
enum ShellWords {
    /// The words; `nil` when a quotation mark or a backslash is left open.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = text[...]
        while let character = characters.popFirst() {
            switch (character, quote) {
            case ("\\", "\""):
                guard let next = characters.popFirst() else { return nil }
                // Inside double quotation marks it escapes only what has a meaning there.
                word = (word ?? "") + ("\\\"$`".contains(next) ? String(next) : "\\\(next)")
            case ("\\", nil):
                guard let next = characters.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (_, quote?) where character == quote: quote = nil
            case (" ", nil), ("\t", nil), ("\n", nil):
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}
