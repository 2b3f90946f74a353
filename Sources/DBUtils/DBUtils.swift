/// The utilities of a notebook: secrets, widgets and the end of the run.
///
/// They work inside a run (`hush run`), which says where the secrets are and as whom to read them.
///
/// ```swift
/// import DBUtils
///
/// let key = try dbutils.secrets.get(scope: "payments", key: "api-key")
/// let day = try dbutils.widgets.get("day")
/// print("signing the orders of \(day) with \(key)")  // prints [REDACTED]
/// dbutils.notebook.exit("signed")
/// ```
public let dbutils = NotebookUtilities()

/// What ``dbutils`` offers.
public struct NotebookUtilities: Sendable {
    /// Reads secrets and lists their names.
    public let secrets: SecretUtilities
    /// Reads the parameters of the run.
    public let widgets: WidgetUtilities
    /// Ends the run.
    public let notebook: NotebookControl

    init() {
        self.secrets = SecretUtilities(variable: ProcessEnvironment.value)
        self.widgets = WidgetUtilities(channel: { controlChannel })
        self.notebook = NotebookControl(channel: { controlChannel })
    }

    /// Prints what the utilities are for.
    public func help() {
        print(
            """
            dbutils.secrets    get(scope:key:), getBytes(scope:key:), list(scope:), listScopes(), help(_:)
            dbutils.widgets    get(_:)
            dbutils.notebook   exit(_:)
            display(_:)        shows a value, or a table of rows
            """
        )
    }
}
