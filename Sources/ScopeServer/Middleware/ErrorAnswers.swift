internal import DatabricksAPI
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import SecretScopes

/// Turns whatever a route throws into a status and `{"error_code":…,"message":…}`.
///
/// Only messages of ``SecretScopes/ScopeError`` reach the client. They, and the fixed ones here, avoid the phrases on
/// which Databricks' clients try again for minutes.
enum ErrorAnswers {
    /// The answer to a request that failed.
    ///
    /// - Throws: What the server library answers by itself before it closes the connection: a parser's error.
    static func response(
        to request: Request, _ context: ScopeRequestContext, recording unrouted: UnroutedRequests, _ error: any Error
    ) async throws -> Response {
        let refusal: ScopeError
        switch error {
        case let error as UnreadableBody: throw error.cause
        case let error as HTTPError where error.status == .notFound:
            do {
                refusal = try await unrouted.refuse(request, context)
            } catch {
                refusal = scopeError(for: error, context)
            }
        default: refusal = scopeError(for: error, context)
        }
        let answer =
            DirectoryEndpoint.isDirectory(request.uri.path) ? directoryResponse(for: refusal) : response(for: refusal)
        return request.method == .head ? answer.createHeadResponse() : answer
    }

    private static func scopeError(for error: any Error, _ context: ScopeRequestContext) -> ScopeError {
        switch error {
        case let error as ScopeError:
            return error
        case is CancellationError:
            return ScopeError(.temporarilyUnavailable, "The server is stopping.")
        default:
            // The type alone: an error's text may quote what the request held.
            context.logger.error(
                "request failed",
                metadata: ["error_type": "\(type(of: error))", "request_id": "\(context.requestID)"]
            )
            return ScopeError(
                .internalError,
                "The server failed to answer the request. Its log names the cause under the request id."
            )
        }
    }

    /// The answer for an error.
    ///
    /// A client that is told to come back hears when: after what the error says, in whole seconds, or else after one.
    static func response(for error: ScopeError) -> Response {
        let status = HTTPResponse.Status(code: error.code.httpStatus)
        var response = Response.json(Answer.error(error), status: status)
        switch status.code {
        case 401: response.headers[.wwwAuthenticate] = "Bearer"
        case 429, 503: response.headers[.retryAfter] = String(seconds(error.retryAfter ?? .zero))
        default: break
        }
        return response
    }

    /// A pause as the header tells it, at least one second.
    private static func seconds(_ pause: Duration) -> Int64 {
        let (whole, rest) = pause.components
        return max(1, rest > 0 ? whole + 1 : whole)
    }

    /// The answer for an error of the directory, in SCIM's form. Before a caller is let in, and where there is no call,
    /// it is as everywhere else.
    private static func directoryResponse(for error: ScopeError) -> Response {
        guard ![.unauthenticated, .customerUnauthorized, .requestLimitExceeded, .endpointNotFound].contains(error.code)
        else { return response(for: error) }
        var response = Response.json(
            DirectoryAnswer.error(error), status: HTTPResponse.Status(code: error.code.httpStatus))
        response.headers[.retryAfter] = self.response(for: error).headers[.retryAfter]
        return response
    }
}
