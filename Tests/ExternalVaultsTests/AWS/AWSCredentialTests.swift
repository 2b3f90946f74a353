import Foundation
import SecretMemory
import TestPrograms
import Testing

@testable import ExternalVaults

/// Every way by which a link comes by credentials, each against a double that checks the signatures made with them.
@Suite(.timeLimit(.minutes(2))) struct AWSCredentialTests {
    /// Reads a value with what a link finds, and says who it was for AWS.
    private func reader(
        _ double: AWSDouble, _ options: [String: String], _ environment: [String: String] = [:],
        credential: String? = nil
    ) async throws -> Set<String> {
        let before = try await double.counts()
        let vault = try double.vault(.secretsManager, options, environment: environment)
        let call = credential.map { VaultFixture.call($0) } ?? VaultFixture.call()
        let value = try await vault.get("app/nul", call).value
        #expect(VaultFixture.text(value) == "a\0b")
        let after = try await double.counts()
        let keys = after.filter { $0.key.hasPrefix("by ") && $0.value != before[$0.key] }.keys.map {
            String($0.dropFirst(3))
        }
        return Set(keys.map { $0.hasPrefix("ASIA") && $0.count == 16 ? "role" : $0 })
    }

    private func failure(
        _ double: AWSDouble, _ options: [String: String], _ environment: [String: String] = [:]
    ) async throws -> VaultFailure? {
        let vault = try double.vault(.secretsManager, options, environment: environment)
        return await AWSFixture.failure { _ = try await vault.get("app/nul", VaultFixture.call()) }
    }

    @Test func theCredentialIsASecretKeyOrAJSONObject() async throws {
        let double = try await AWSDouble()
        let secret = double["secret"]
        #expect(try await reader(double, ["access-key-id": "AKIADOUBLE"], credential: secret + "\n") == ["AKIADOUBLE"])
        let json = #"{"AccessKeyId":"AKIADOUBLE","SecretAccessKey":"\#(secret)"}"#
        #expect(try await reader(double, ["auth": "static"], credential: json) == ["AKIADOUBLE"])
        let session =
            #"{"AccessKeyId":"ASIAINSTANCE","SecretAccessKey":"instance/secret","SessionToken":"instance-token"}"#
        #expect(try await reader(double, ["auth": "static"], credential: session) == ["ASIAINSTANCE"])
        let vault = try double.vault(.secretsManager, ["auth": "static"])
        let failure = await AWSFixture.failure { _ = try await vault.get("app/nul", VaultFixture.call(secret)) }
        #expect(failure?.reason == .credentialUnreadable)
        #expect(failure?.detail?.contains("access-key-id") == true)
    }

    @Test func variablesComeFirstAndAProfileOfAVariableDoesNotChangeThat() async throws {
        let double = try await AWSDouble()
        let variables = [
            "AWS_ACCESS_KEY_ID": "AKIADOUBLE", "AWS_SECRET_ACCESS_KEY": double["secret"], "AWS_PROFILE": "none",
        ]
        #expect(try await reader(double, ["auth": "auto"], variables) == ["AKIADOUBLE"])
        #expect(try await reader(double, ["auth": "env"], variables) == ["AKIADOUBLE"])
        #expect(try await failure(double, ["auth": "env"])?.reason == .credentialUnreadable)
    }

    /// Files of profiles for one test.
    private func files(_ double: AWSDouble, config: String = "", credentials: String = "") -> (
        [String: String], [MemoryFile]
    ) {
        let files = [MemoryFile(config), MemoryFile(credentials)]
        return (["AWS_CONFIG_FILE": files[0].path, "AWS_SHARED_CREDENTIALS_FILE": files[1].path], files)
    }

    @Test func profilesGiveKeysOfEitherFile() async throws {
        let double = try await AWSDouble()
        let (variables, files) = files(
            double,
            config: """
                # of the application
                [default]
                region = eu-west-1
                [profile app]
                aws_access_key_id = AKIADOUBLE
                aws_secret_access_key = wrong
                [profile "two words"]
                aws_access_key_id: ASIACONTAINER
                aws_secret_access_key: container/secret
                aws_session_token: container-token
                """,
            credentials: "[app]\nAWS_ACCESS_KEY_ID=AKIADOUBLE\r\naws_secret_access_key = \(double["secret"])  \r\n")
        defer { withExtendedLifetime(files) {} }
        #expect(try await reader(double, ["auth": "profile", "profile": "app"], variables) == ["AKIADOUBLE"])
        #expect(try await reader(double, ["auth": "profile", "profile": "two words"], variables) == ["ASIACONTAINER"])
        let named = variables.merging(["AWS_PROFILE": "app"]) { $1 }
        #expect(try await reader(double, ["auth": "auto"], named) == ["AKIADOUBLE"])
        for name in ["none", "default"] {
            let found = try await failure(double, ["auth": "profile", "profile": name], variables)
            #expect(found?.reason == .credentialUnreadable)
            #expect(found?.detail?.contains(name) == true)
        }
    }

    @Test func profilesAssumeRolesFromOtherProfilesAndFromTheMachine() async throws {
        let double = try await AWSDouble()
        let role = "role_arn = \(double["role"])\nexternal_id = \(double["external"])\n"
        let (variables, files) = files(
            double,
            config: """
                [profile base]
                aws_access_key_id = AKIADOUBLE
                aws_secret_access_key = \(double["secret"])
                [profile one]
                \(role)source_profile = base
                duration_seconds = 900
                role_session_name = one@host
                [profile two]
                \(role)source_profile = one
                [profile of-variables]
                \(role)credential_source = Environment
                [profile of-instance]
                \(role)credential_source = Ec2InstanceMetadata
                [profile round]
                \(role)source_profile = trip
                [profile trip]
                \(role)source_profile = round
                [profile person]
                \(role)source_profile = base
                mfa_serial = arn:aws:iam::111122223333:mfa/somebody
                [profile forbidden]
                role_arn = \(double["role"])x
                source_profile = base
                [profile signs-in]
                sso_session = company
                """)
        defer { withExtendedLifetime(files) {} }
        let keys = ["AWS_ACCESS_KEY_ID": "AKIADOUBLE", "AWS_SECRET_ACCESS_KEY": double["secret"]]
        for name in ["one", "two", "of-instance"] {
            #expect(try await reader(double, ["auth": "profile", "profile": name], variables) == ["role"], "\(name)")
        }
        let both = variables.merging(keys) { $1 }
        #expect(try await reader(double, ["auth": "profile", "profile": "of-variables"], both) == ["role"])
        for (name, word) in [("round", "leads back"), ("person", "mfa_serial"), ("signs-in", "sign-on")] {
            let found = try await failure(double, ["auth": "profile", "profile": name], variables)
            #expect(found?.reason == .credentialUnreadable)
            #expect(found?.detail?.contains(word) == true, "\(found?.detail ?? "")")
        }
        let found = try await failure(double, ["auth": "profile", "profile": "forbidden"], variables)
        #expect(found?.reason == .credentialRejected)
        #expect(found?.detail?.contains("cannot be assumed: AWS answered AccessDenied") == true)
    }

    @Test func programsOfProfilesAreRunWithoutAShell() async throws {
        let double = try await AWSDouble()
        let json = #"{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "process/secret"}"#
        let answer = MemoryFile(json)
        let version = MemoryFile(json.replacing("1,", with: "2,"))
        let (variables, files) = files(
            double,
            config: """
                [profile good]
                credential_process = cat "\(answer.path)"
                [profile quoted]
                credential_process = /bin/sh -c 'test "$#" = 1 && test -z "$HUSH_TOKEN" && cat \(answer.path)' name '$(false) ; false'
                [profile version]
                credential_process = cat \(version.path)
                [profile fails]
                credential_process = false
                [profile absent]
                credential_process = no-such-program-here
                [profile relative]
                credential_process = ./cat
                """)
        defer { withExtendedLifetime((files, answer, version)) {} }
        let all = variables.merging(["HUSH_TOKEN": "not for others"]) { $1 }
        #expect(try await reader(double, ["auth": "profile", "profile": "good"], all) == ["AKIAPROCESS"])
        #expect(try await reader(double, ["auth": "profile", "profile": "quoted"], all) == ["AKIAPROCESS"])
        for name in ["version", "fails", "absent", "relative"] {
            let found = try await failure(double, ["auth": "profile", "profile": name], all)
            #expect(found?.reason == .credentialUnreadable, "\(name)")
            #expect(found?.detail?.contains("credential_process of the profile \(name)") == true)
        }
    }

    @Test func aTokenInAFileBecomesARoleAndIsReadAnew() async throws {
        let double = try await AWSDouble()
        let token = MemoryFile("old token")
        let variables = [
            "AWS_WEB_IDENTITY_TOKEN_FILE": token.path, "AWS_ROLE_ARN": double["role"], "AWS_ROLE_SESSION_NAME": "pod-1",
        ]
        let vault = try double.vault(.secretsManager, ["auth": "web-identity"], environment: variables)
        let failure = await AWSFixture.failure { _ = try await vault.get("app/nul", VaultFixture.call()) }
        #expect(failure?.reason == .credentialRejected)
        #expect(try await double.counts()["AssumeRoleWithWebIdentity"] == "2")
        token.replace(with: double["web"] + "\n")
        _ = try await vault.get("app/nul", VaultFixture.call())
        #expect(try await reader(double, ["auth": "auto"], variables) == ["role"])
        #expect(throws: LinkProblem.self) { try double.vault(.secretsManager, ["auth": "web-identity"]) }
    }

    @Test func containersAreGivenCredentials() async throws {
        let double = try await AWSDouble()
        let token = MemoryFile("container authorization\n")
        let address = double.address("container")
        let file = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": address + "/eks?id=1",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token.path, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "not this",
        ]
        #expect(try await reader(double, ["auth": "auto"], file) == ["ASIACONTAINER"])
        let variable = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": address,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container authorization",
        ]
        #expect(try await reader(double, ["auth": "container"], variable) == ["ASIACONTAINER"])
        for (more, reason) in [
            (["AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong"], VaultFailure.Reason.credentialRejected),
            (["AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nX: y"], .credentialUnreadable),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI": address + "/broken"], .unreachable),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI": address + "/odd"], .notUnderstood),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://elsewhere.example/"], .credentialUnreadable),
        ] {
            let found = try await failure(double, ["auth": "container"], variable.merging(more) { $1 })
            #expect(found?.reason == reason, "\(more)")
        }
        #expect(try await double.counts()["container /broken"] == "3")
    }

    @Test func instancesAreGivenCredentialsByVersionTwoAlone() async throws {
        let double = try await AWSDouble()
        #expect(try await reader(double, ["auth": "imds"]) == ["ASIAINSTANCE"])
        #expect(try await reader(double, ["auth": "auto"]) == ["ASIAINSTANCE"])
        let old = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": double.address("old")]
        #expect(try await failure(double, ["auth": "imds"], old)?.reason == .credentialUnreadable)
        // The request for a session, and no other one.
        #expect(try await double.counts()["metadata of version 1"] == "1")
        let off = ["AWS_EC2_METADATA_DISABLED": "true"]
        #expect(try await failure(double, ["auth": "auto"], off)?.reason == .credentialUnreadable)
        let closed = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": double.address("closed")]
        #expect(try await failure(double, ["auth": "auto"], closed)?.reason == .credentialUnreadable)
        #expect(try await failure(double, ["auth": "imds"], closed)?.reason == .unreachable)
    }

    @Test func theMachineSaysHowOftenItsMetadataServiceIsAsked() async throws {
        // It fails once for each path.
        let double = try await AWSDouble("flaky-metadata")
        #expect(try await failure(double, ["auth": "imds"])?.reason == .unreachable)
        let patient = ["AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2"]
        #expect(try await reader(double, ["auth": "imds"], patient) == ["ASIAINSTANCE"])
        #expect(try await double.counts()["metadata PUT /latest/api/token"] == "2")
    }

    @Test func credentialsOfAnInstanceAreUsedPastTheirEnd() async throws {
        let double = try await AWSDouble("near-end")
        #expect(try await reader(double, ["auth": "imds"]) == ["ASIAINSTANCE"])
    }

    @Test func aRoleIsAssumedOnTopOfAnyWay() async throws {
        let double = try await AWSDouble()
        let role = ["assume-role": double["role"], "external-id": double["external"], "session-name": "hush-1"]
        #expect(try await reader(double, role.merging(["auth": "imds"]) { $1 }) == ["role"])
        let keys = role.merging(["access-key-id": "AKIADOUBLE"]) { $1 }
        #expect(try await reader(double, keys, credential: double["secret"]) == ["role"])
        let none = role.merging(["access-key-id": "AKIANOROLE"]) { $1 }
        let vault = try double.vault(.secretsManager, none)
        let failure = await AWSFixture.failure { _ = try await vault.get("app/nul", double.call()) }
        #expect(failure?.reason == .credentialRejected)
        #expect(failure?.detail?.contains(double["role"]) == true)
    }

    @Test func aSessionThatEndsEarlyIsRenewedOnce() async throws {
        let double = try await AWSDouble()
        let vault = try double.vault(
            .secretsManager, ["assume-role": double["role"], "external-id": double["external"]])
        _ = try await vault.get("app/nul", double.call())
        _ = try await vault.get("app/nul", double.call())
        #expect(try await double.counts()["AssumeRole"] == "1")
        try await double.endLastSession()
        _ = try await vault.get("app/nul", double.call())
        #expect(try await double.counts()["AssumeRole"] == "2")
    }

    @Test func manyWhoAskAtOnceShareOneSession() async throws {
        let double = try await AWSDouble()
        let vault = try double.vault(
            .secretsManager, ["assume-role": double["role"], "external-id": double["external"]])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await vault.get("app/nul", double.call()) } }
            try await group.waitForAll()
        }
        #expect(try await double.counts()["AssumeRole"] == "1")
    }

    @Test func aClockThatIsWrongIsSetByTheServers() async throws {
        let double = try await AWSDouble()
        let vault = try double.vault(.secretsManager, ["access-key-id": "AKIASKEWED"])
        _ = try await vault.get("app/nul", double.call())
        _ = try await vault.get("app/nul", double.call())
        // Once by the wrong clock, then by the right one.
        #expect(try await double.counts()["GetSecretValue"] == "3")
    }

    @Test func endpointsAreTakenFromTheProfileToo() async throws {
        let double = try await AWSDouble()
        let (variables, files) = files(
            double,
            config: """
                [profile app]
                services = local
                aws_access_key_id = AKIADOUBLE
                aws_secret_access_key = \(double["secret"])
                [services local]
                secrets_manager =
                  endpoint_url = \(double.address("port"))
                ssm =
                  endpoint_url = \(double.address("closed"))
                """)
        defer { withExtendedLifetime(files) {} }
        let options = ["auth": "profile", "profile": "app"]
        let without = variables.merging(["AWS_ENDPOINT_URL": ""]) { $1 }
        #expect(try await reader(double, options, without) == ["AKIADOUBLE"])
        let store = try double.vault(.parameterStore, options, environment: without)
        #expect(
            await AWSFixture.failure { _ = try await store.get("/app/a", VaultFixture.call()) }?.reason == .unreachable)
    }
}
