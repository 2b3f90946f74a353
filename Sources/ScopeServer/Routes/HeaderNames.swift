internal import HTTPTypes

extension HTTPFields {
    /// The value of a header that the HTTP library has no name for.
    subscript(named name: StaticString) -> String? {
        get { self[Self.name(name)] }
        set { self[Self.name(name)] = newValue }
    }

    private static func name(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name(name.description) else {
            preconditionFailure("\(name) is not a header's name")
        }
        return name
    }
}
