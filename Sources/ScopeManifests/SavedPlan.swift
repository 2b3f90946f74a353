internal import SecretJSON
internal import SecretScopes

/// A plan in the form of a file: what is done, what was there, where values come from, and which workspace it is for. It
/// holds no value.
///
/// ```json
/// {"hush_plan": 1, "workspace": 4711, "changes": [
///   {"action": "create_scope", "scope": "payments", "file": "/etc/scopes/a.yaml", "line": 2, "column": 3},
///   {"action": "put_secret", "scope": "payments", "key": "api-key", "source": "env:KEY", "version": "0f…", …}
/// ]}
/// ```
public struct SavedPlan: Sendable {
    /// The form's number; another one is not read.
    private static let form: Int64 = 1

    /// The number by which clients know the workspace.
    public let workspace: Int64
    /// The plan, without values.
    public let plan: ManifestPlan

    /// Creates what is saved of `plan`.
    ///
    /// - Parameter folder: Where relative paths of manifests begin; the plan may be carried out somewhere else.
    public init(_ plan: ManifestPlan, workspace: Int64, folder: String) {
        self.plan = ManifestPlan(
            changes: plan.changes.map { change in
                var change = change
                let (file, line, column) = (change.position.file, change.position.line, change.position.column)
                change.value = nil
                if !file.hasPrefix("/") {
                    change.position = SourcePosition(file: folder + "/" + file, line: line, column: column)
                }
                return change
            })
        self.workspace = workspace
    }

    /// The most bytes that a plan may have.
    private static let largestFile = 64 * 1024 * 1024

    /// Reads a file; `nil` when it is no plan but may be a manifest.
    ///
    /// - Throws: ``ManifestError`` when it is a plan that this version does not read.
    public static func load(from path: String) throws(ManifestError) -> SavedPlan? {
        var text: [UInt8] = []
        do throws(FileReadError) {
            try RegularFile.read(path, limit: largestFile) { text.append(contentsOf: $0) }
        } catch {
            // Whoever reads it as a manifest says what is wrong with it.
            return nil
        }
        let value = try? JSONValue(parsing: text.span.bytes)
        guard (try? value?.members(in: text.span.bytes)?["hush_plan"]) != nil else { return nil }
        do throws(NotUnderstood) {
            return try SavedPlan(checking: text)
        } catch {
            throw ManifestError([ManifestProblem("\(path): \(error.reason)")])
        }
    }

    struct NotUnderstood: Error {
        var reason = "the plan was altered, or saved by another version. Make it anew by hush plan --out."
    }

    private init(checking text: [UInt8]) throws(NotUnderstood) {
        let fields = try Fields(try? JSONValue(parsing: text.span.bytes), text)
        guard try fields.number("hush_plan") == Self.form else { throw NotUnderstood() }
        guard let elements = try? fields.members["changes"]?.elements(in: text.span.bytes) else {
            throw NotUnderstood()
        }
        workspace = try fields.number("workspace")
        var changes: [ManifestPlan.Change] = []
        for element in elements { changes.append(try Self.change(Fields(element, text))) }
        plan = ManifestPlan(changes: changes)
    }

    /// The file's text.
    public var text: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("hush_plan", Self.form)
            json.member("workspace", workspace)
            json.member("changes", plan.changes) { json, change in json.object { Self.write(change, to: &$0) } }
        }
        return json.bytes
    }

    /// The members of an object.
    struct Fields {
        let members: [String: JSONValue]
        /// All of the file's text.
        let body: [UInt8]

        init(_ value: JSONValue?, _ body: [UInt8]) throws(NotUnderstood) {
            guard let members = try? value?.members(in: body.span.bytes) else { throw NotUnderstood() }
            self.members = members
            self.body = body
        }

        func text(_ name: String) throws(NotUnderstood) -> String {
            guard let text = optional(name) else { throw NotUnderstood() }
            return text
        }

        func optional(_ name: String) -> String? {
            members[name]?.text(in: body.span.bytes)
        }

        func number(_ name: String) throws(NotUnderstood) -> Int64 {
            guard let number = members[name]?.integer(in: body.span.bytes) else { throw NotUnderstood() }
            return number
        }

        func truth(_ name: String) -> Bool {
            members[name]?.kind == .boolean(true)
        }

        func texts(_ name: String) throws(NotUnderstood) -> [String: String] {
            guard let members = try? members[name]?.members(in: body.span.bytes) else { throw NotUnderstood() }
            return members.compactMapValues { $0.text(in: body.span.bytes) }
        }
    }
}
