import Workspace

extension LinkSettings {
    /// What links may reach on this machine, by the settings' file of the workspace in `folder`, or variables in its place.
    ///
    /// - Throws: ``CommandFailure`` or ``UsageFailure`` when the settings cannot be read.
    static func read(_ environment: ProcessEnvironment, folder: String) throws -> LinkSettings {
        let file = try SettingsFile.read(SettingsFile.path(in: folder))
        let sources = SettingsSources(options: [:], environment: environment, file: file)
        return LinkSettings(
            programs: try sources.texts(.linkedPrograms)?.value ?? [],
            directories: try sources.texts(.linkedDirectories)?.value ?? [],
            hosts: try sources.texts(.linkedHosts)?.value ?? []
        )
    }
}
