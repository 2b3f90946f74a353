internal import SecretScopes

/// Tries a link step by step and says what works and what to mend; never shows a value.
struct LinkCheck {
    let scope: LinkedScope
    let access: LinkAccess

    func steps() async -> [LinkCheckStep] {
        let link = access.link
        var steps = [LinkCheckStep(name: "address and options", detail: link.address, succeeded: true)]
        let call = scope.call(access, .seconds(60))
        if call.credential.exists {
            do {
                _ = try await call.credential.read()
                steps.append(step("credential", link.credential?.description ?? ""))
            } catch {
                return steps + [step("credential", error, during: .read)]
            }
        }
        guard scope.vault.capabilities.canList else {
            return steps + [step("list", "this link lists no names, so none is tried")]
        }
        let index: NameIndex
        do {
            index = try await scope.names(call)
            steps.append(step("list", summary(of: index)))
        } catch {
            return steps + [step("list", error, during: .list)]
        }
        guard let first = index.entries.first, let key = SecretName(rawValue: first.key) else {
            return steps + [step("read", "there is no name to try")]
        }
        do {
            let secret = try await scope.read(key, access)
            steps.append(step("read", "\(first.key)" + (secret.version.map { ", version \($0)" } ?? "")))
        } catch {
            steps.append(LinkCheckStep(name: "read", detail: error.message, succeeded: false))
        }
        steps.append(
            step(
                "write",
                scope.configuration.isWritable ? "the link is writable; nothing was written" : "the link is read-only"))
        return steps
    }

    private func summary(of index: NameIndex) -> String {
        var summary = index.entries.count == 1 ? "1 name" : "\(index.entries.count) names"
        if index.hidden > 0 { summary += ", \(index.hidden) more that are no keys of this link" }
        if !index.clashes.isEmpty {
            summary += "; these differ in case only: \(index.clashes.prefix(5).joined(separator: ", "))"
        }
        return summary
    }

    private func step(_ name: String, _ detail: String) -> LinkCheckStep {
        LinkCheckStep(name: name, detail: detail, succeeded: true)
    }

    private func step(_ name: String, _ failure: VaultFailure, during action: LinkFailure.Action) -> LinkCheckStep {
        LinkCheckStep(
            name: name, detail: scope.failure(access, nil).error(failure, during: action).message, succeeded: false)
    }
}
