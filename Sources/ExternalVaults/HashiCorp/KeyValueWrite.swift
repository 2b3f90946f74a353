internal import SecretJSON
internal import SecretMemory
internal import Synchronization

/// A change of one secret: read, changed and written back with the number of the version that was read, so that nobody
/// else's change is lost and the other fields stay.
struct KeyValueWrite {
    let vault: KeyValueVault
    let engine: KeyValueEngine
    let name: String
    let call: VaultCall

    /// What is there before the change.
    private struct Before {
        var secret: KeyValueSecret?
        /// The number of the newest version, 0 when there is none; `nil` for engines without versions.
        var version: Int64?
    }

    /// Stores a value and returns the name of the new version.
    func put(_ value: SecretBytes) async throws(VaultFailure) -> String? {
        let before = try await before()
        let field = vault.readsFields ? name : try vault.selection.target(in: before.secret)
        let others = before.secret?.names.filter { !FieldSelection.names(of: field).contains($0) } ?? []
        if engine.isVersioned, !others.isEmpty, !vault.findings.cannotPatch.withLock({ $0 }) {
            if let version = try await patch(field, value, before) { return version }
        }
        return try await write(field: field, value: value, before)
    }

    /// Deletes the secret; of an engine with versions the newest one, which can be restored. With fields as keys only the
    /// field.
    func delete() async throws(VaultFailure) {
        if vault.readsFields {
            let before = try await before()
            guard
                let secret = before.secret, secret.names.contains(where: FieldSelection.names(of: name).contains)
            else { throw VaultFailure(.notFound) }
            _ = try await write(field: name, value: nil, before)
            return
        }
        do {
            _ = try await vault.read(name, engine, call)
        } catch  where error.reason == .destroyed || error.reason == .deletedRecoverably {
            throw VaultFailure(.notFound)
        } catch  where error.reason == .denied {
            // One that may delete and not read learns less.
        }
        let request = HashiCorpRequest(method: "DELETE", path: path, timeout: vault.writeTimeout)
        let answer = try await vault.session.send(request, call)
        guard answer.isSuccess else { throw HashiCorpRefusal.failure(in: answer) }
    }

    private var path: [String] { engine.data(vault.path(of: name, engine)) }

    private func before() async throws(VaultFailure) -> Before {
        do {
            let secret = try await vault.read(name, engine, call)
            return Before(secret: secret, version: secret.version)
        } catch  where error.reason == .notFound {
            return Before(secret: nil, version: engine.isVersioned ? 0 : nil)
        } catch  where error.reason == .deletedRecoverably || error.reason == .destroyed {
            return Before(secret: nil, version: try await newestVersion())
        }
    }

    /// The number of the newest version, of a secret whose newest version has no value.
    private func newestVersion() async throws(VaultFailure) -> Int64 {
        let request = HashiCorpRequest(method: "GET", path: path, timeout: vault.writeTimeout)
        let answer = try await vault.session.send(request, call)
        return try answer.reading { fields, bytes in
            fields.fields("data", in: bytes)?.fields("metadata", in: bytes)?.integer("version", in: bytes)
        }
    }

    /// Changes one field alone; `nil` when that is not allowed here.
    private func patch(
        _ field: String, _ value: SecretBytes, _ before: Before
    ) async throws(VaultFailure) -> String? {
        var body = SecretBuffer(in: vault.pool)
        appendOptions(before, to: &body)
        // What stood there in the other form is taken away.
        let isText = value.withBytes { UTF8Sequence.isValid($0) }
        for other in FieldSelection.names(of: field).sorted() where (other == field) != isText {
            body.appendJSONString(other)
            body.append(text: ":null,")
        }
        FieldSelection.append(value, as: field, to: &body, pool: vault.pool)
        body.append(text: "}}")
        do {
            return try await send("PATCH", body.finish(), contentType: "application/merge-patch+json", value, before)
        } catch  where error.reason == .denied || error.reason == .refused {
            vault.findings.cannotPatch.withLock { $0 = true }
            return nil
        }
    }

    /// Writes all fields: those that were there, with the one that changes.
    private func write(
        field: String, value: SecretBytes?, _ before: Before
    ) async throws(VaultFailure) -> String? {
        var body = SecretBuffer(in: vault.pool)
        if engine.isVersioned { appendOptions(before, to: &body) } else { body.append(text: "{") }
        before.secret?.appendFields(except: FieldSelection.names(of: field), to: &body)
        if let value {
            FieldSelection.append(value, as: field, to: &body, pool: vault.pool)
        } else if body.withBytes({ $0.unsafeLoad(fromByteOffset: $0.byteCount - 1, as: UInt8.self) })
            == UInt8(ascii: ",")
        {
            body.removeLast(1)
        }
        body.append(text: engine.isVersioned ? "}}" : "}")
        return try await send("POST", body.finish(), contentType: "application/json", value, before)
    }

    private func appendOptions(_ before: Before, to body: inout SecretBuffer) {
        body.append(text: "{\"options\":{\"cas\":\(before.version ?? 0)},\"data\":{")
    }

    private func send(
        _ method: String, _ body: SecretBytes, contentType: String, _ value: SecretBytes?, _ before: Before
    ) async throws(VaultFailure) -> String? {
        let request = HashiCorpRequest(
            method: method, path: path, body: body, contentType: contentType, timeout: vault.writeTimeout)
        let attempts = Mutex(0)
        let answer = try await vault.session.send(request, call) { attempts.withLock { $0 += 1 } }
        if answer.isSuccess {
            guard engine.isVersioned else { return nil }
            return try answer.reading { fields, bytes in
                fields.fields("data", in: bytes)?.integer("version", in: bytes).map { String($0) }
            }
        }
        let failure = HashiCorpRefusal.failure(in: answer)
        // A write whose answer was lost, and that was sent again, loses against itself.
        if failure.reason == .conflict, attempts.withLock({ $0 }) > 1, let value,
            let now = try? await vault.read(name, engine, call), now.version == (before.version ?? 0) + 1,
            try isValue(value, of: now)
        {
            return now.version.map { String($0) }
        }
        throw failure
    }

    private func isValue(_ value: SecretBytes, of secret: KeyValueSecret) throws(VaultFailure) -> Bool {
        let found =
            vault.readsFields
            ? try vault.selection.value(name, of: secret, pool: vault.pool)
            : try vault.selection.value(of: secret, pool: vault.pool)
        guard let found, found.count == value.count else { return false }
        return found.withUnsafeBytes { left in value.withUnsafeBytes { left.elementsEqual($0) } }
    }
}
