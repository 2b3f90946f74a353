internal import Hummingbird
internal import Logging

/// Logs one line per request: method, route, status, id and duration. Never a header, a query or a body.
enum RequestLog {
    static func write(_ request: Request, _ context: ScopeRequestContext, status: Int, after duration: Duration) {
        context.logger.info(
            "request",
            metadata: [
                "method": .string(request.method.rawValue),
                // The route, not the path, in which a client may have put anything.
                "route": .string(context.endpointPath ?? ""),
                "status": .stringConvertible(status),
                "request_id": .string(context.requestID),
                "microseconds": .stringConvertible(Int(duration / .microseconds(1))),
            ]
        )
    }
}
