internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// Hush's own protocol for programs, version 1: the operation is the last argument, and one JSON object is read and written.
///
/// ```
/// program ARGUMENTS… get
/// ← {"version":1,"op":"get","scope":"payments","name":"db-password"}
/// → {"version":1,"ok":true,"value_b64":"cA==","version_id":"7","updated_at_ms":1700000000000}
/// → {"version":1,"ok":false,"code":"not_found"}
/// program ARGUMENTS… list
/// → {"version":1,"ok":true,"entries":[{"name":"db-password","updated_at_ms":1700000000000}]}
/// ```
struct NativeProgram: ProgramDialect {
    private static let attempts = 3

    let capabilities = VaultCapabilities(largestValue: ProgramSession.largestValue)
    let nameRules = NameRules(punctuation: "-._@/+=:", longest: 512)

    func get(_ name: String, _ program: ProgramSession) async throws(VaultFailure) -> VaultSecret {
        var attempt = 1
        while true {
            do {
                return try await ask("get", name: name, program) { answer, bytes throws(VaultFailure) in
                    try Self.secret(answer, bytes, program)
                }
            } catch {
                guard error.reason == .checksumMismatch, attempt < Self.attempts else { throw error }
                attempt += 1
            }
        }
    }

    private static func secret(
        _ answer: JSONFields, _ bytes: RawSpan, _ program: ProgramSession
    ) throws(VaultFailure) -> VaultSecret? {
        guard let text = answer.secret("value_b64", in: bytes, pool: program.pool) else { return nil }
        guard let value = text.withBytes({ Base64.decode($0, in: program.pool) }) else {
            throw VaultFailure(.checksumMismatch, detail: "the program's value_b64 is not base64")
        }
        func time(_ name: String) -> Timestamp? { answer.integer(name, in: bytes).map { Timestamp(rawValue: $0) } }
        return VaultSecret(
            value: try program.value(value), version: answer.text("version_id", in: bytes),
            updated: time("updated_at_ms"), expires: time("expires_at_ms"))
    }

    func list(_ program: ProgramSession) async throws(VaultFailure) -> [VaultEntry] {
        try await ask("list", name: nil, program) { answer, bytes in
            answer.elements("entries", in: bytes)?.map { element in
                guard let entry = JSONFields(element, in: bytes), let name = entry.text("name", in: bytes) else {
                    return nil
                }
                let updated = entry.integer("updated_at_ms", in: bytes)
                return VaultEntry(name: name, updated: updated.map { Timestamp(rawValue: $0) })
            }.whole()
        }
    }

    func put(_ value: SecretBytes, as name: String, _ program: ProgramSession) async throws(VaultFailure) -> String? {
        try await ask("put", name: name, value: value, program) { answer, bytes in
            .some(answer.text("version_id", in: bytes))
        }
    }

    func delete(_ name: String, _ program: ProgramSession) async throws(VaultFailure) {
        try await ask("delete", name: name, program) { _, _ in () }
    }

    private func ask<R>(
        _ operation: String, name: String?, value: SecretBytes? = nil, _ program: ProgramSession,
        _ read: (JSONFields, RawSpan) throws(VaultFailure) -> R?
    ) async throws(VaultFailure) -> R {
        var json = JSONWriter()
        json.object { json in
            json.member("version", 1)
            json.member("op", operation)
            json.member("scope", program.scope.isEmpty ? nil : program.scope)
            json.member("name", name)
        }
        var input = SecretBuffer(in: program.pool)
        if let value {
            input.append(json.bytes.span.bytes.extracting(0..<json.bytes.count - 1))
            input.append(text: ",\"value_b64\":\"")
            value.withBytes { Base64.encode($0, in: program.pool) }.withBytes { input.append($0) }
            input.append(text: "\"}")
        } else {
            input.append(json.bytes.span.bytes)
        }
        input.append(UInt8(ascii: "\n"))
        let run = try await program.run([operation], input: input.finish())
        let result = try run.output.readingJSON { answer, bytes throws(VaultFailure) -> R? in
            guard answer.integer("version", in: bytes) == 1 else { throw ProgramRun.notUnderstood }
            guard answer.isTrue("ok") else { throw Self.failure(answer, bytes) }
            // One that says both has no meaning that could be relied on.
            guard answer["code"] == nil else { throw ProgramRun.notUnderstood }
            try run.checkEnd()
            guard let result = try read(answer, bytes) else { throw ProgramRun.notUnderstood }
            return result
        }
        if let result { return result }
        try run.checkEnd()
        throw ProgramRun.notUnderstood
    }

    private static func failure(_ answer: JSONFields, _ bytes: RawSpan) -> VaultFailure {
        guard answer["ok"]?.kind == .boolean(false), answer["value_b64"] == nil else { return ProgramRun.notUnderstood }
        let pause = answer.integer("retry_after_ms", in: bytes).flatMap { $0 >= 0 ? Duration.milliseconds($0) : nil }
        switch answer.text("code", in: bytes) {
        case "not_found": return VaultFailure(.notFound)
        case "denied": return VaultFailure(.denied, detail: "the program says: denied")
        case "throttled": return VaultFailure(.throttled, detail: "the program says: throttled", retryAfter: pause)
        case "unavailable":
            return VaultFailure(.unreachable, detail: "the program says: unavailable", retryAfter: pause)
        case "disabled": return VaultFailure(.disabled)
        case "expired": return VaultFailure(.expired)
        case "invalid": return VaultFailure(.unacceptable, detail: "the program says: invalid")
        case "internal": return VaultFailure(.unreachable, detail: "the program says: internal")
        default: return ProgramRun.notUnderstood
        }
    }
}

extension Array {
    /// The elements, unless one is missing.
    fileprivate func whole<Wrapped>() -> [Wrapped]? where Element == Wrapped? {
        let elements = compactMap { $0 }
        return elements.count == count ? elements : nil
    }
}
