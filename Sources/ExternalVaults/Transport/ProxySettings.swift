/// The proxy that requests to vaults go through, by the variables that everybody uses for that.
struct ProxySettings: Sendable, Hashable {
    /// Host and port of the proxy; `nil` when there is none.
    let proxy: LinkURL?
    private let exceptions: [String]

    /// Reads `HTTPS_PROXY` and `NO_PROXY`, in either case of letters.
    init(environment: [String: String]) {
        func value(_ name: String) -> String? {
            let text = environment[name.lowercased()] ?? environment[name]
            return text.flatMap { $0.isEmpty ? nil : $0 }
        }
        self.proxy = value("HTTPS_PROXY").flatMap { text in
            LinkURL(text.contains("://") ? text : "http://" + text)
        }
        self.exceptions = (value("NO_PROXY") ?? "").split(separator: ",").map {
            $0.trimmingPrefix(while: \.isWhitespace).lowercased().trimmingSuffix(while: \.isWhitespace)
        }
    }

    /// The proxy on the way to `host`.
    func proxy(to host: LinkURL) -> LinkURL? {
        guard let proxy, host.scheme == "https", !host.isLoopback else { return nil }
        for exception in exceptions where !exception.isEmpty {
            if exception == "*" { return nil }
            let name = exception.hasPrefix(".") ? String(exception.dropFirst()) : exception
            if host.host == name || host.host.hasSuffix("." + name) || host.authority == name { return nil }
        }
        return proxy
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        String(reversed().drop(while: predicate).reversed())
    }
}
