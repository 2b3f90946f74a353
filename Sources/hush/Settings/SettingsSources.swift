import Configuration

/// Where settings come from: what was given on the command line counts before environment variables, and these before
/// the settings' file.
struct SettingsSources: Sendable {
    /// One of the places.
    private struct Source: Sendable {
        let values: any ConfigSnapshot
        let key: @Sendable (Setting) -> AbsoluteConfigKey
        let name: @Sendable (Setting) -> String
    }

    /// A value and where it stands, for messages.
    struct Found<Value: Sendable>: Sendable {
        var value: Value
        var origin: String
    }

    private let sources: [Source]

    /// Creates the sources.
    ///
    /// - Parameters:
    ///   - options: What was given on the command line.
    ///   - environment: The process's variables; an empty one is as good as none.
    ///   - file: The settings' file; `nil` when there is none.
    init(options: [Setting: ConfigContent], environment: ProcessEnvironment, file: SettingsFile?) {
        let given = options.map { ($0.key.key, ConfigValue($0.value, isSecret: false)) }
        let variables = Setting.allCases.compactMap { setting in
            environment.text(setting.variable).map { (setting.variable, $0) }
        }
        var sources = [
            Source(
                values: InMemoryProvider(name: "options", values: Dictionary(uniqueKeysWithValues: given)).snapshot(),
                key: \.key, name: \.option),
            Source(
                values: EnvironmentVariablesProvider(
                    environmentVariables: Dictionary(uniqueKeysWithValues: variables)
                ).snapshot(),
                key: { AbsoluteConfigKey(($0.section == "links" ? ["hush", "linked"] : ["hush"]) + [$0.rawValue]) },
                name: \.variable),
        ]
        if let file {
            sources.append(
                Source(values: file.values, key: \.key, name: { "\($0.section).\($0.rawValue) in \(file.path)" }))
        }
        self.sources = sources
    }

    /// A setting that is a text.
    ///
    /// - Throws: ``UsageFailure`` when the strongest source that has it says something of another type.
    func text(_ setting: Setting) throws -> Found<String>? {
        try content(setting) { if case .string(let text) = $0 { text } else { nil } }
    }

    /// A setting that is true or false.
    func truth(_ setting: Setting) throws -> Found<Bool>? {
        try content(setting) { if case .bool(let truth) = $0 { truth } else { nil } }
    }

    /// A setting that is a number.
    func number(_ setting: Setting) throws -> Found<Int>? {
        try content(setting) { if case .int(let number) = $0 { number } else { nil } }
    }

    /// A setting that is a list of texts.
    func texts(_ setting: Setting) throws -> Found<[String]>? {
        try content(setting) { if case .stringArray(let texts) = $0 { texts } else { nil } }
    }

    private func content<Value>(
        _ setting: Setting, _ value: (ConfigContent) -> Value?
    ) throws -> Found<Value>? {
        for source in sources {
            let origin = source.name(setting)
            let found: ConfigValue?
            do {
                found = try source.values.value(forKey: source.key(setting), type: setting.type).value
            } catch {
                throw UsageFailure("\(origin) must be \(setting.wanted)")
            }
            guard let found else { continue }
            guard let value = value(found.content) else {
                throw UsageFailure("\(origin) must be \(setting.wanted)")
            }
            return Found(value: value, origin: origin)
        }
        return nil
    }
}
