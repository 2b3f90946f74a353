/// How many units a second something does.
enum Rate {
    /// The rate at which `body` does `count` units.
    static func of(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        Double(count) / (try ContinuousClock().measure(body)).seconds
    }

    /// The rate at which `body` does `count` units.
    static func of(_ count: Int, _ body: () async throws -> Void) async rethrows -> Double {
        Double(count) / (try await ContinuousClock().measure(body)).seconds
    }
}
