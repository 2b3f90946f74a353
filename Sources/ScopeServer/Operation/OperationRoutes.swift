internal import DatabricksAPI
internal import HTTPTypes
internal import Hummingbird
internal import SecretScopes

/// What those who run a server ask for: its health and its metrics. Neither needs a credential nor tells a name.
struct OperationRoutes: Sendable {
    let readiness: Readiness
    let metrics: ServerMetrics

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(OperationPath.health), method: .get) { _, context -> Response in
            let problem = await readiness.problem(logger: context.logger)
            return .json(
                OperationAnswer.health(problem: problem), status: problem == nil ? .ok : .serviceUnavailable)
        }
        router.on(RouterPath(OperationPath.metrics), method: .get) { _, _ -> Response in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text))
            )
        }
        router.on(RouterPath(OperationPath.description), method: .get) { _, _ -> Response in
            .json(APIDescription.document)
        }
    }
}
