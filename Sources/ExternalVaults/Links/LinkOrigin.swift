/// Options that name where requests go.
enum LinkOrigin {
    /// An option that is an address without a path.
    ///
    /// - Throws: ``LinkProblem`` when it has one.
    static func option(_ name: String, of link: LinkConfiguration) throws(LinkProblem) -> LinkURL? {
        guard let url = link.text(name).flatMap({ LinkURL($0) }) else { return nil }
        guard url.path.isEmpty || url.path == "/" else {
            throw LinkProblem("The option \(name) must end behind the host or the port; leave out \(url.path).")
        }
        return LinkURL("\(url.scheme)://\(url.authority)")
    }

    /// Throws unless the settings of this machine let requests go to `url`, which a link names beside its address.
    static func check(_ url: LinkURL, option name: String, _ policy: LinkPolicy) throws(LinkProblem) {
        guard policy.allows(host: url.host, port: url.port) else {
            throw LinkProblem(
                "The option \(name) names \(url.host), which is not among the hosts that may be linked; an administrator "
                    + "can list it under links.hosts in config.yaml.")
        }
    }
}
