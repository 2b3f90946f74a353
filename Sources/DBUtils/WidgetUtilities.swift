/// The parameters of the run: `dbutils.widgets`.
public struct WidgetUtilities: Sendable {
    private let channel: @Sendable () -> ControlChannel?

    init(channel: @escaping @Sendable () -> ControlChannel?) {
        self.channel = channel
    }

    /// The value that the run was given for the parameter `name` (`hush run --param NAME=VALUE`).
    ///
    /// - Throws: ``DBUtilsError`` with the code `UNKNOWN_WIDGET`, which names the parameters that the run has, or
    ///   `NOT_IN_A_RUN`.
    public func get(_ name: String) throws -> String {
        var question = ControlFrame(.widget)
        question.append(name)
        guard let answer = channel()?.exchange(question) else { throw DBUtilsError.notInARun }
        var payload = ControlPayload(answer.payload)
        switch answer.kind {
        case .value:
            guard let value = payload.text() else { throw DBUtilsError.malformedResponse("it has no value") }
            return value
        case .unknown:
            let count = payload.number() ?? 0
            throw DBUtilsError.unknownWidget(name, known: (0..<count).compactMap { _ in payload.text() })
        default:
            throw DBUtilsError.malformedResponse("it answers something else")
        }
    }
}
