import Foundation
import SecretCrypto
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

@Suite struct AWSSignatureTests {
    /// The inputs of AWS' own test suite.
    static let moment = Timestamp(rawValue: 1_440_938_160_000)
    static let keyID = "AKIDEXAMPLE"
    static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = "POST"
        let host: String
        let service: String
        var target: String?
        var token: String?
        var body: String?
        let signature: String
    }

    static let vectors = [
        Vector(
            testDescription: "get-vanilla of AWS' suite", method: "GET", host: "example.amazonaws.com",
            service: "service",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            testDescription: "Secrets Manager", host: "secretsmanager.us-east-1.amazonaws.com",
            service: "secretsmanager",
            target: "secretsmanager.GetSecretValue", body: #"{"SecretId":"my-secret"}"#,
            signature: "e9a09c35dcafd34fb79e44114f5217db24d38b405d59186cc53ef311b33bc7a1"),
        Vector(
            testDescription: "with a session token", host: "secretsmanager.us-east-1.amazonaws.com",
            service: "secretsmanager", target: "secretsmanager.GetSecretValue", token: "SESSIONTOKEN",
            body: #"{"SecretId":"my-secret"}"#,
            signature: "7427216913369bb3a9a33058a4a82dab229c9b8fc68f59a9a1d9b00a4c58b5cc"),
        Vector(
            testDescription: "Parameter Store", host: "ssm.us-east-1.amazonaws.com", service: "ssm",
            target: "AmazonSSM.GetParameter", body: #"{"Name":"/app/db","WithDecryption":true}"#,
            signature: "139b8757fe6249e2ee05dab423cb803ccd08a014e899113889cb423a9d5d3f1c"),
    ]

    @Test(arguments: vectors) func publishedVectorsHold(_ vector: Vector) throws {
        var headers: [(name: String, value: String)] = []
        if let target = vector.target {
            headers = [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", target)]
        }
        var request = VaultRequest(
            vector.method, try #require(LinkURL("https://\(vector.host)")), "/", headers: headers,
            body: vector.body.map { VaultFixture.secret($0) }, timeout: .seconds(1))
        AWSSignature(region: "us-east-1", service: vector.service, pool: VaultFixture.pool).sign(
            &request, with: try Self.keys(Self.keyID, Self.secret, vector.token), at: Self.moment)
        #expect(Self.header("Authorization", request)?.hasSuffix("Signature=" + vector.signature) == true)
        #expect(Self.header("X-Amz-Date", request) == "20150830T123600Z")
        #expect(request.secretHeaders.map(\.name) == (vector.token == nil ? [] : ["X-Amz-Security-Token"]))
    }

    /// A request as `aws_signatures.py` writes it.
    private struct Signed: Decodable {
        var milliseconds: Int64
        var origin, target, method, region, service: String
        var headers: [[String]]
        var body, key, secret, token, authorization: String
    }

    private struct Host: Decodable {
        var host, service, region: String
        var fips, dual: Bool
    }

    @Test func signaturesAndHostsAreThoseOfBotocore() async throws {
        let seed = UInt32.random(in: 0 ... .max)
        print("random requests with seed \(seed)")
        let lines = try await VaultServer.run("aws_signatures.py", [String(seed), "1000"]).split(separator: "\n")
        var counts = (signed: 0, hosts: 0)
        for line in lines {
            let data = Data(line.utf8)
            if let signed = try? JSONDecoder().decode(Signed.self, from: data) {
                try check(signed)
                counts.signed += 1
            } else {
                try check(JSONDecoder().decode(Host.self, from: data))
                counts.hosts += 1
            }
        }
        #expect(counts.signed == 1000)
        #expect(counts.hosts > 500)
    }

    private func check(_ signed: Signed) throws {
        var request = VaultRequest(
            signed.method, try #require(LinkURL(signed.origin)), signed.target,
            headers: signed.headers.map { ($0[0], $0[1]) },
            body: VaultFixture.secret(signed.body), timeout: .seconds(1))
        AWSSignature(region: signed.region, service: signed.service, pool: VaultFixture.pool).sign(
            &request, with: try Self.keys(signed.key, signed.secret, signed.token),
            at: Timestamp(rawValue: signed.milliseconds))
        #expect(Self.header("Authorization", request) == signed.authorization, "\(signed.origin)\(signed.target)")
    }

    private func check(_ host: Host) throws {
        let service = try #require(AWSService.allCases.first { $0.name == host.service })
        let origin = try AWSEndpoints.usual(service, host.region, usesFIPS: host.fips, usesDualStack: host.dual)
        #expect(origin.description == host.host)
    }

    @Test func nothingOfTheKeyOrTheTokenStandsInStrings() throws {
        var request = VaultRequest(
            "POST", try #require(LinkURL("https://ssm.eu-west-1.amazonaws.com")), "/", timeout: .seconds(1))
        AWSSignature(region: "eu-west-1", service: "ssm", pool: VaultFixture.pool).sign(
            &request, with: try Self.keys(Self.keyID, Self.secret, "SESSIONTOKEN"), at: Self.moment)
        let text = request.headers.map(\.value).joined() + String(reflecting: request)
        #expect(!text.contains(Self.secret))
        #expect(!text.contains("SESSIONTOKEN"))
    }

    private static func keys(_ id: String, _ secret: String, _ token: String?) throws -> AWSCredentials {
        try AWSCredentials(
            accessKeyID: id, secretAccessKey: VaultFixture.secret(secret),
            sessionToken: token.map { VaultFixture.secret($0) })
    }

    private static func header(_ name: String, _ request: VaultRequest) -> String? {
        request.headers.first { $0.name == name }?.value
    }

    /// A key that is kept from one request to the next is not used with another secret or on another day.
    @Test func eachSecretAndDayHasItsOwnKey() throws {
        let kept = AWSSignature(region: "eu-west-1", service: "ssm", pool: VaultFixture.pool)
        for (secret, day) in [("one", 0), ("one", 0), ("two", 0), ("two", 1), ("one", 1), ("one", 0)]
            as [(String, Int64)]
        {
            let credentials = try AWSCredentials(accessKeyID: "AKID", secretAccessKey: VaultFixture.secret(secret))
            let time = Timestamp(rawValue: 1_700_000_000_000 + day * 86_400_000)
            let request = VaultRequest(
                "POST", try #require(LinkURL("https://ssm.eu-west-1.amazonaws.com")), "/", timeout: .seconds(1))
            var (first, second) = (request, request)
            kept.sign(&first, with: credentials, at: time)
            AWSSignature(region: "eu-west-1", service: "ssm", pool: VaultFixture.pool)
                .sign(&second, with: credentials, at: time)
            #expect(first.headers.map(\.value) == second.headers.map(\.value))
        }
    }
}
