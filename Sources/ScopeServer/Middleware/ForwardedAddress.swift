internal import HTTPTypes
internal import Hummingbird

/// Takes the client's address from what a trusted proxy says of it.
enum ForwardedAddress {
    static func address(
        of request: Request, _ context: ScopeRequestContext, trusting proxies: TrustedProxies
    ) -> String? {
        guard proxies != .none else { return context.address }
        return proxies.client(behind: context.address, lists: request.headers[values: .forwardedFor])
    }
}
