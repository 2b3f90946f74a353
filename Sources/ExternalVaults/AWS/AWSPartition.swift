/// A part of AWS with regions, hosts and accounts of its own, such as the one in China.
struct AWSPartition: Sendable, Hashable {
    /// The name in ARNs.
    let name: String
    /// The end of hosts' names.
    let suffix: String
    /// The end of the names of hosts that have addresses of both versions.
    let dualStackSuffix: String

    /// The partition of a region, by the region's name; `nil` when it is no such name.
    init?(region: String) {
        let parts = region.split(separator: "-", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39) ~= $0 || (0x61...0x7A) ~= $0 }
        }
        guard isName, let number = parts.last, number.allSatisfy(\.isNumber) else { return nil }
        let isSpecial = parts.count == 4
        let beginning = parts.prefix(isSpecial ? 2 : 1).joined(separator: "-")
        guard isSpecial || parts.count == 3, let match = Self.named(beginning) else { return nil }
        self = match
    }

    private init(_ name: String, _ suffix: String, _ dualStackSuffix: String) {
        self.name = name
        self.suffix = suffix
        self.dualStackSuffix = dualStackSuffix
    }

    /// By how the names of its regions begin (botocore, `data/partitions.json`).
    private static func named(_ beginning: String) -> AWSPartition? {
        switch beginning {
        case "us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx": .init("aws", "amazonaws.com", "api.aws")
        case "cn": .init("aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn")
        case "us-gov": .init("aws-us-gov", "amazonaws.com", "api.aws")
        case "eusc-de": .init("aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu")
        case "us-iso": .init("aws-iso", "c2s.ic.gov", "api.aws.ic.gov")
        case "us-isob": .init("aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud")
        case "eu-isoe": .init("aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk")
        case "us-isof": .init("aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov")
        default: nil
        }
    }

    /// The host of a service in one of its regions.
    ///
    /// Where a name differs from the rule, AWS' own clients say so (botocore, `endpoint-rule-set-1.json`): Secrets Manager's
    /// usual hosts have addresses of both versions in most partitions, and some usual hosts of the partition for the
    /// government of the United States are those with validated cryptography.
    func host(of service: AWSService, in region: String, usesFIPS: Bool, usesDualStack: Bool) -> String {
        let isAlwaysFIPS = name == "aws-us-gov" && service != .secretsManager && !usesDualStack
        let isAlwaysDualStack =
            service == .secretsManager && (name == "aws" || name == "aws-us-gov" || name == "aws-cn" && !usesFIPS)
        let ending = usesDualStack && !isAlwaysDualStack ? dualStackSuffix : suffix
        return "\(service.name)\(usesFIPS && !isAlwaysFIPS ? "-fips" : "").\(region).\(ending)"
    }
}
