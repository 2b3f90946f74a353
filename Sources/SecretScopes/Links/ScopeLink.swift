/// What a scope's values are read through: an external vault, how it is addressed, and on whose account.
public struct ScopeLink: Sendable, Hashable {
    /// The kind of the vault.
    public var kind: VaultKind
    /// The address in its canonical form, such as `aws-secrets-manager://eu-west-1/app/`.
    public var address: String
    /// The options that were given, by name. None of them is a secret.
    public var options: [String: String]
    /// Where the credential is read; `nil` when the machine's own identity is used, or none is needed.
    public var credential: LinkCredential?
    /// Whose link it is. The credential is read as this principal, for every use anew.
    public var owner: PrincipalID
    /// Whether it acts with what the machine has: its identity, a variable, a file. Only administrators' links may, and
    /// only as long as their owners are some.
    public var usesMachine: Bool

    /// Creates a link.
    public init(
        kind: VaultKind, address: String, options: [String: String], credential: LinkCredential?, owner: PrincipalID,
        usesMachine: Bool
    ) {
        self.kind = kind
        self.address = address
        self.options = options
        self.credential = credential
        self.owner = owner
        self.usesMachine = usesMachine
    }

    // ```
    // 1 kind · address · number of options · (name · value)… · credential, if any · owner · 1 whether it uses the machine
    // ```

    /// Writes the form that stands in the scope's row.
    func write(to writer: inout ByteWriter) {
        writer.writeByte(kind.rawValue)
        writer.write(address)
        writer.writeVariable(UInt64(options.count))
        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
            writer.write(name)
            writer.write(value)
        }
        writer.writeOptional(credential?.description) { $0.write($1) }
        writer.write(owner)
        writer.writeByte(usesMachine ? 1 : 0)
    }

    /// Reads the form that stands in a scope's row.
    init(from reader: inout ByteReader) throws(MalformedBytes) {
        guard let kind = VaultKind(rawValue: try reader.readByte()) else { throw MalformedBytes() }
        let address = try reader.readText()
        var options: [String: String] = [:]
        for _ in 0..<(try reader.readVariable()) {
            let name = try reader.readText()
            options[name] = try reader.readText()
        }
        let text = try reader.readOptional { reader throws(MalformedBytes) in try reader.readText() }
        let credential = text.flatMap { LinkCredential($0) }
        guard (text == nil) == (credential == nil) else { throw MalformedBytes() }
        self.init(
            kind: kind, address: address, options: options, credential: credential,
            owner: try reader.readIdentifier(), usesMachine: try reader.readByte() == 1)
    }
}
