/// An event that is ready for the record, except for its place and its time.
struct EncodedEvent: Sendable {
    /// The operation.
    let operation: Operation
    /// Whether it was refused or failed.
    let isRefused: Bool
    /// The numbers of its terms.
    let references: EventCoding.References
    private let timelessBody: [UInt8]

    /// Encodes an event that carries the definitions of the terms that are first used in it.
    init(_ event: AuditEvent, _ references: EventCoding.References, defining definitions: [TermRow] = []) {
        operation = event.operation
        isRefused = event.error != nil
        self.references = references
        timelessBody = EventCoding.encode(event, references, defining: definitions)
    }

    /// The canonical bytes of the event, if it happens at `time`.
    func body(at time: Timestamp) -> [UInt8] {
        var body = timelessBody
        EventCoding.setTime(time, of: &body)
        return body
    }
}
