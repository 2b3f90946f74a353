import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// When several things are wrong with a call, which of them is told: authentication before the request's form, that
/// before whether the scope exists, that before the permission, and what the call is about last.
@Suite struct PrecedenceTests {
    /// What can be wrong with a call, in the order in which it is told.
    enum Fault: Int, CaseIterable {
        /// The caller's token was revoked.
        case authentication
        /// A name or a value has a form that no request may have.
        case form
        /// The scope does not exist.
        case scope
        /// The caller lacks the permission.
        case permission
        /// The secret, the grant or the principal does not exist.
        case target

        /// Every set with at least one fault.
        static let sets: [Set<Fault>] = (1..<32).map { bits in
            Set(allCases.filter { bits & 1 << $0.rawValue != 0 })
        }
    }

    /// One call, made with faults.
    struct Call: CustomTestStringConvertible {
        let testDescription: String
        /// What is told when the target does not exist; `nil` when the call has no target but the scope.
        var target: ScopeError.Code?
        let perform: @Sendable (any SecretService, _ scope: String, _ faults: Set<Fault>) async throws -> Void

        init(
            _ operation: Operation, target: ScopeError.Code? = .resourceDoesNotExist,
            _ perform: @escaping @Sendable (any SecretService, String, Set<Fault>) async throws -> Void
        ) {
            self.testDescription = operation.actionName
            self.target = target
            self.perform = perform
        }
    }

    static let calls: [Call] = [
        Call(.getSecret) { services, scope, faults in
            _ = try await services.getSecret(scope: scope, key: key(faults))
        },
        Call(.deleteSecret) { services, scope, faults in
            try await services.deleteSecret(scope: scope, key: key(faults))
        },
        Call(.putSecret, target: nil) { services, scope, faults in
            let value = SecretBytes(copying: Array("a".utf8).span.bytes, in: SecretPool())
            try await services.putSecret(
                PutSecretRequest(scope: scope, key: "k", stringValue: faults.contains(.form) ? nil : value))
        },
        Call(.listSecrets, target: nil) { services, scope, faults in
            _ = try await services.listSecrets(scope: faults.contains(.form) ? scope + " " : scope)
        },
        Call(.deleteScope, target: nil) { services, scope, faults in
            try await services.deleteScope(faults.contains(.form) ? scope + " " : scope)
        },
        Call(.putACL, target: .invalidParameterValue) { services, scope, faults in
            try await services.putACL(
                scope: scope,
                principal: faults.contains(.target) ? "target-that-is-missing" : "users",
                permission: faults.contains(.form) ? "CAN_MANAGE" : "READ"
            )
        },
        Call(.putACL, target: nil) { services, scope, faults in
            try await services.putACL(
                scope: scope, principal: faults.contains(.form) ? "us\u{0435}rs" : "users", permission: "READ")
        },
        Call(.getACL) { services, scope, faults in
            _ = try await services.getACL(scope: scope, principal: principal(faults))
        },
        Call(.deleteACL) { services, scope, faults in
            try await services.deleteACL(scope: scope, principal: principal(faults))
        },
        Call(.listACLs, target: nil) { services, scope, faults in
            _ = try await services.listACLs(scope: faults.contains(.form) ? scope + " " : scope)
        },
    ]

    private static func key(_ faults: Set<Fault>) -> String {
        faults.contains(.form) ? "target that is missing" : faults.contains(.target) ? "target-that-is-missing" : "k"
    }

    private static func principal(_ faults: Set<Fault>) -> String {
        faults.contains(.form) ? "us\u{0435}rs" : faults.contains(.target) ? "target-that-is-missing" : "users"
    }

    @Test(arguments: calls)
    func theFirstFaultIsTold(call: Call) async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["k": "tok_live_1"])
        try await fixture.makeUsers("eve@example.com")
        let root = try fixture.services()
        for faults in Fault.sets where call.target != nil || !faults.contains(.target) {
            let services: any SecretService
            if faults.contains(.authentication) {
                services = try await revoked(faults.contains(.permission) ? "eve@example.com" : nil, in: fixture)
            } else {
                services = try fixture.services(as: faults.contains(.permission) ? "eve@example.com" : nil)
            }
            let scope = faults.contains(.scope) ? "scope-that-is-missing" : "payments"
            let error = await #expect(throws: ScopeError.self, "\(faults)") {
                try await call.perform(services, scope, faults)
            }
            switch faults.min(by: { $0.rawValue < $1.rawValue }) {
            case .authentication: #expect(error?.code == .unauthenticated, "\(faults)")
            case .form: #expect(error?.code == .invalidParameterValue, "\(faults)")
            case .scope:
                #expect(error?.code == .resourceDoesNotExist, "\(faults)")
                #expect(error?.message.contains("scope-that-is-missing") == true, "\(faults)")
            case .permission: #expect(error?.code == .permissionDenied, "\(faults)")
            case .target:
                #expect(error?.code == call.target, "\(faults)")
                #expect(error?.message.contains("target-that-is-missing") == true, "\(faults)")
            case nil: Issue.record("a set without faults")
            }
        }
        // Nothing was changed by any of them.
        #expect(try await root.listScopes().map(\.name) == ["payments"])
        #expect(try await root.listSecrets(scope: "payments").map(\.key) == ["k"])
        #expect(try await root.listACLs(scope: "payments").map(\.principal) == [TemporaryWorkspace.administrator])
    }

    /// Services of a token that was valid when it was shown and is not any more.
    private func revoked(_ principal: String?, in fixture: TemporaryWorkspace) async throws -> any SecretService {
        let root = try fixture.services()
        let token = try await root.createToken(
            CreateTokenRequest(
                principal: principal, kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
        let services = try await fixture.workspace.gateway(accepting: [.personalAccessToken]).services(
            forToken: token.value, origin: RequestOrigin(surface: .rest))
        try await root.revokeToken(token.id)
        return services
    }

    /// What the token does not allow is told before anything about the request.
    @Test(arguments: calls)
    func whatTheTokenDoesNotAllowIsToldFirst(call: Call) async throws {
        let fixture = try await TemporaryWorkspace()
        let token = try await fixture.services().createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: OperationSet([]), lifetime: nil, comment: ""))
        let services = try await fixture.workspace.gateway(accepting: [.personalAccessToken]).services(
            forToken: token.value, origin: RequestOrigin(surface: .rest))
        for faults in [[.form, .scope, .target], [.scope], []] as [Set<Fault>] {
            let error = await expectRefusal(.permissionDenied) { try await call.perform(services, "nope", faults) }
            #expect(error?.message.contains("does not allow \(call.testDescription)") == true)
        }
    }

    @Test func aScopesFormIsToldBeforeThatItExists() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments")
        for request in [
            CreateScopeRequest(scope: "payments", initialManagePrincipal: "nobody"),
            CreateScopeRequest(scope: "payments", backendType: "VAULT"),
            CreateScopeRequest(scope: "payments", azureKeyVault: .init(resourceID: nil, dnsName: nil)),
        ] {
            await expectRefusal(.invalidParameterValue) { try await fixture.services().createScope(request) }
        }
    }
}
