internal import Hummingbird

/// Lets a path reach a route only in the one form in which it is documented.
///
/// The router itself skips empty segments, so that `//api//2.0/` would work here and mean something else to a proxy
/// that guards paths. None of the paths has an escape, an empty segment or a dot segment.
struct ExactPaths: RouterMiddleware {
    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        let segments = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isExact =
            path.utf8.first == UInt8(ascii: "/")
            && !path.utf8.contains(UInt8(ascii: "%"))
            && segments.allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
        guard isExact else { throw HTTPError(.notFound) }
        return try await next(request, context)
    }
}
