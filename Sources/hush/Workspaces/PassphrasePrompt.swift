import SecretCrypto
import SecretMemory
import Workspace

/// Gets a workspace's passphrase from a person or from a file descriptor.
struct PassphrasePrompt {
    private static let longestPassphrase = 4096

    let program: Program

    /// Reads one line from an open descriptor.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read or holds nothing.
    func read(from descriptor: Int32) throws -> SecretBytes {
        let line = try SecretLine.read(from: descriptor, limit: Self.longestPassphrase, in: program.pool)
        guard let line, line.count > 0 else {
            throw CommandFailure("The file descriptor \(descriptor) holds no passphrase. Write one line to it.")
        }
        return line
    }

    /// Asks at the terminal that the process belongs to, which need not be its standard input.
    ///
    /// - Throws: ``CommandFailure`` when there is no terminal or nothing is typed.
    func ask(_ prompt: String) throws -> SecretBytes {
        switch try ControllingTerminal.ask(prompt, in: program) {
        case .line(let passphrase): return passphrase
        case .nothing: throw CommandFailure("No passphrase was entered. Try again.")
        case .noTerminal:
            throw CommandFailure("The passphrase is needed and there is no terminal. Use --passphrase-fd N.")
        }
    }

    /// Gets a new passphrase: from an open descriptor, or by asking for it twice.
    ///
    /// - Throws: ``CommandFailure`` as well when it is too short.
    func new(from descriptor: Int32?) throws -> SecretBytes {
        let passphrase = try descriptor.map { try read(from: $0) } ?? askForNew()
        guard passphrase.count >= PassphraseProvider.fewestBytes else {
            throw CommandFailure("The passphrase is too short. Use at least \(PassphraseProvider.fewestBytes) bytes.")
        }
        return passphrase
    }

    private func askForNew() throws -> SecretBytes {
        let first = try ask("New passphrase")
        let second = try ask("Repeat it")
        let areEqual = first.withBytes { first in
            second.withBytes { constantTimeEquals(first, $0) }
        }
        guard areEqual else { throw CommandFailure("The two passphrases differ. Try again.") }
        return first
    }
}
