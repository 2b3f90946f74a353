import SecretCrypto

/// A signed statement of where the audit record ended: whoever keeps it elsewhere can prove later that the record was
/// not cut or rebuilt before that point.
///
/// Its text form, which anybody with the public key can check:
///
/// ```
/// hush audit checkpoint v1
/// workspace: 32 hexadecimal digits
/// events: 42
/// hash: 64 hexadecimal digits
/// time: milliseconds since 1970
/// key: 64 hexadecimal digits, the Ed25519 public key
/// signature: 128 hexadecimal digits, over the lines above with their line ends
/// ```
public struct AuditCheckpoint: Sendable, Hashable {
    /// The workspace.
    public var workspace: WorkspaceID
    /// How many events the record held.
    public var events: Int64
    /// The hash of the last of them.
    public var hash: [UInt8]
    /// When the statement was made.
    public var time: Timestamp
    /// The public key that the signature is checked with.
    public var publicKey: [UInt8]
    /// The Ed25519 signature.
    public var signature: [UInt8]

    /// The lines that are signed.
    var statement: String {
        """
        hush audit checkpoint v1
        workspace: \(workspace)
        events: \(events)
        hash: \(Hexadecimal.encode(hash))
        time: \(time.rawValue)
        key: \(Hexadecimal.encode(publicKey))

        """
    }

    /// The whole statement with its signature.
    public var text: String {
        statement + "signature: \(Hexadecimal.encode(signature))\n"
    }

    init(
        workspace: WorkspaceID,
        events: Int64,
        hash: [UInt8],
        time: Timestamp,
        publicKey: [UInt8],
        signature: [UInt8]
    ) {
        self.workspace = workspace
        self.events = events
        self.hash = hash
        self.time = time
        self.publicKey = publicKey
        self.signature = signature
    }

    /// Reads a statement's text form; `nil` when it is not one. The signature is not checked here.
    public init?(text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true).makeIterator()
        guard lines.next() == "hush audit checkpoint v1" else { return nil }
        func field(_ name: String) -> String? {
            guard let line = lines.next(), line.hasPrefix(name + ": ") else { return nil }
            return String(line.dropFirst(name.count + 2))
        }
        guard
            let workspace = field("workspace").flatMap({ WorkspaceID($0) }),
            let events = field("events").flatMap({ Int64($0) }),
            let hash = field("hash").flatMap({ Hexadecimal.decode($0) }),
            let time = field("time").flatMap({ Int64($0) }),
            let publicKey = field("key").flatMap({ Hexadecimal.decode($0) }),
            let signature = field("signature").flatMap({ Hexadecimal.decode($0) }),
            lines.next() == nil
        else { return nil }
        self.init(
            workspace: workspace,
            events: events,
            hash: hash,
            time: Timestamp(rawValue: time),
            publicKey: publicKey,
            signature: signature
        )
    }

    /// Whether the signature was made with the private half of ``publicKey``. Compare the key with the one you know.
    public var hasValidSignature: Bool {
        guard let key = try? Ed25519.VerificationKey(bytes: publicKey) else { return false }
        return key.isValidSignature(signature.span.bytes, for: Array(statement.utf8).span.bytes)
    }
}
