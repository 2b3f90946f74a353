import SecretScopes
import Testing

@testable import ExternalVaults

@Suite struct AWSDefinitionTests {
    private func shape(_ address: String, _ options: [String: String] = [:]) throws -> LinkShape {
        let url = try #require(LinkURL(address))
        let definition = try #require(VaultCatalog.definitions.first { $0.claims(url) })
        return try definition.shape(url, LinkConfiguration(kind: definition.kind, address: url, values: options))
    }

    @Test func anAddressIsARegionAndWhatNamesBeginWith() throws {
        let secrets = try shape("aws-secrets-manager://eu-west-1/app/prod-")
        #expect(secrets.prefix == "app/prod-")
        #expect(secrets.address == "aws-secrets-manager://eu-west-1/app/prod-")
        #expect(secrets.host?.description == "https://secretsmanager.eu-west-1.amazonaws.com")
        #expect(try shape("aws-secrets-manager://eu-west-1").prefix == "")
        let parameters = try shape("aws-parameter-store://cn-north-1/app/db/")
        #expect(parameters.prefix == "/app/db/")
        #expect(parameters.address == "aws-parameter-store://cn-north-1/app/db")
        #expect(parameters.host?.description == "https://ssm.cn-north-1.amazonaws.com.cn")
        #expect(try shape("aws-parameter-store://eu-west-1/").prefix == "")
    }

    @Test func whatAuthenticatesSaysWhetherThereIsACredential() throws {
        let address = "aws-secrets-manager://eu-west-1/"
        #expect(try shape(address, ["access-key-id": "AKIA"]).credential == .required)
        #expect(try shape(address, ["auth": "static"]).credential == .required)
        for way in ["auto", "env", "profile", "web-identity", "container", "imds"] {
            #expect(try shape(address, ["auth": way]).credential == .machine)
        }
        #expect(try shape(address).credential == .machine)
    }

    @Test func theCredentialIsForARegionAndItsEndpoints() throws {
        let authorities = try [
            shape("aws-secrets-manager://eu-west-1/a"),
            shape("aws-secrets-manager://eu-west-2/a"),
            shape("aws-secrets-manager://eu-west-1/a", ["endpoint": "https://a.example"]),
            shape("aws-secrets-manager://eu-west-1/a", ["endpoint": "http://localhost:80"]),
            shape("aws-secrets-manager://eu-west-1/a", ["sts-endpoint": "https://a.example"]),
        ].map(\.authority)
        #expect(Set(authorities).count == authorities.count)
        #expect(try shape("aws-secrets-manager://eu-west-1/b").authority == authorities[0])
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let address: String
        var options: [String: String] = [:]
        let words: String
        var testDescription: String { "\(address) \(options)" }
    }

    @Test(arguments: [
        Wrong(address: "aws-secrets-manager://eu-west/", words: "not a region"),
        Wrong(address: "aws-secrets-manager:///app", words: "not a region"),
        Wrong(address: "aws-secrets-manager://zz-west-1/", words: "not a region"),
        Wrong(address: "aws-secrets-manager://eu-west-1:443/", words: "no port"),
        Wrong(address: "aws-secrets-manager://eu-west-1/a%20b", words: "characters"),
        Wrong(address: "aws-secrets-manager://eu-west-1/", options: ["version": "7"], words: "32 to 64"),
        Wrong(
            address: "aws-secrets-manager://eu-west-1/", options: ["endpoint": "https://a.example/x"],
            words: "leave out /x"),
        Wrong(address: "aws-parameter-store://eu-west-1/a@b", words: "a@b"),
        Wrong(address: "aws-parameter-store://eu-west-1/Aws/x", words: "of AWS"),
        Wrong(address: "aws-parameter-store://eu-west-1" + String(repeating: "/a", count: 15), words: "levels"),
        Wrong(
            address: "aws-parameter-store://eu-west-1/a", options: ["version": "1", "label": "x"], words: "not both"),
        Wrong(address: "aws-parameter-store://eu-west-1/a", options: ["label": "1x"], words: "label"),
        Wrong(
            address: "aws-parameter-store://eu-west-1/a", options: ["auth": "env", "access-key-id": "AKIA"],
            words: "auth=static alone"),
        Wrong(address: "aws-parameter-store://eu-west-1/a", options: ["profile": "x"], words: "auth=profile alone"),
        Wrong(address: "aws-parameter-store://eu-west-1/a", options: ["external-id": "xy"], words: "assume-role alone"),
        Wrong(address: "aws-parameter-store://eu-west-1/a", options: ["assume-role": "reader"], words: "ARN"),
        Wrong(
            address: "aws-parameter-store://eu-west-1/a",
            options: ["assume-role": "arn:aws:iam::111122223333:role/r", "session-name": "a b"], words: "session-name"),
    ])
    func whatIsWrongIsSaid(_ wrong: Wrong) throws {
        let problem = #expect(throws: LinkProblem.self) { try shape(wrong.address, wrong.options) }
        #expect(problem?.message.contains(wrong.words) == true, "\(problem?.message ?? "")")
    }

    @Test func keysThatParametersCannotHaveAreEscaped() throws {
        let naming = VaultNaming(rules: ParameterName.rules, prefix: "/app/", mode: .escaped, kind: .awsParameterStore)
        for (key, name) in [("a@b", "/app/a_40b"), ("db_pass", "/app/db_5fpass"), ("x.y-1", "/app/x.y-1")] {
            let secret = try #require(SecretName(rawValue: key))
            #expect(try naming.name(of: secret) == name)
            #expect(naming.key(of: name) == key)
        }
    }
}
