import ArgumentParser

/// How large the stores are and how long it is measured.
enum BenchmarkSize: String, CaseIterable, ExpressibleByArgument {
    /// For trying it out: a minute. Its figures say little about the targets.
    case small
    /// What the targets are about.
    case full

    /// The events of the large record.
    var events: Int { self == .full ? 10_000_000 : 100_000 }
    /// The scopes of the store with many secrets.
    var scopes: Int { self == .full ? 1000 : 20 }
    /// The secrets of each of them.
    var secretsPerScope: Int { self == .full ? 1000 : 100 }

    /// How often the contenders take turns.
    var rounds: Int { self == .full ? 15 : 3 }
    /// Calls of each of 64 callers in a round.
    var callsPerCaller: Int { self == .full ? 500 : 100 }
    /// Calls of a single caller in a round.
    var singleCalls: Int { self == .full ? 200 : 50 }
    /// Processes that are started and waited for.
    var processes: Int { self == .full ? 100 : 20 }
    /// Processes that are started beside a saturated engine.
    var processesBesideLoad: Int { self == .full ? 500 : 50 }
    /// How often the whole record is gone through.
    var recordRounds: Int { self == .full ? 3 : 2 }
    /// The bytes of text that redaction goes through.
    var redactionBytes: Int { self == .full ? 256 * 1024 * 1024 : 16 * 1024 * 1024 }
    /// How often it does.
    var redactionRounds: Int { self == .full ? 5 : 2 }
    /// Reads all over the store of many secrets, for the memory that they leave behind.
    var scatteredReads: Int { self == .full ? 200_000 : 5000 }

    /// The scopes that manifests describe.
    var manifestScopes: Int { self == .full ? 1000 : 50 }
    /// The values of each of them.
    var manifestSecrets: Int { self == .full ? 100 : 20 }

    /// How often the servers take turns.
    var serverRounds: Int { self == .full ? 7 : 2 }
    /// How long each of them is asked in a round, in seconds.
    var serverSeconds: Int { self == .full ? 5 : 1 }
    /// Tokens that are shown in a round.
    var logins: Int { self == .full ? 50_000 : 5000 }
    /// Requests after which the server's memory is looked at.
    var serverRequests: Int { self == .full ? 1_000_000 : 20_000 }
}
