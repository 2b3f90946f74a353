import Foundation
import Glibc
import SecretMemory
import SecretScopes
import Workspace

/// `hush serve` over loopback, beside a bare route of its HTTP library and beside nginx with a file of 200 bytes.
struct ServerRows {
    let size: BenchmarkSize
    let stores: StoreCache
    let hush: String
    /// This program.
    let executable: String

    private static let scope = "server-bench"
    private static let key = "answer"

    /// What all measurements need.
    private struct Contenders {
        let store: WorkingStore
        /// A store that no server has open.
        let engine: WorkingStore
        let load: LoadGenerator
        let hush: ServerProcess
        let bare: ServerProcess
        let nginx: ServerProcess
        let token: String

        func get(connections: Int, seconds: Int) throws -> LoadGenerator.Result {
            try load.run(
                hush.address, path: "/api/2.0/secrets/get?scope=\(ServerRows.scope)&key=\(ServerRows.key)",
                token: token, connections: connections, seconds: seconds)
        }

        func put(connections: Int, seconds: Int) throws -> LoadGenerator.Result {
            let body = #"{"scope":"\#(ServerRows.scope)","key":"put","string_value":"a value of some length"}"#
            return try load.run(
                hush.address, method: "POST", path: "/api/2.0/secrets/put", token: token, body: body,
                connections: connections, seconds: seconds)
        }
    }

    func measure() async throws -> [BenchmarkRow] {
        let contenders = try await start()
        return try await besideOthers(contenders) + single(contenders) + authentication(contenders)
            + memory(contenders)
    }

    private func start() async throws -> Contenders {
        let wrk = try Self.find("wrk")
        let nginx = try Self.find("nginx")
        let store = try await stores.workingCopy(of: .few)
        let token = try await prepare(store)
        let environment = ["HUSH_HOME": store.folder, "HOME": store.folder, "PATH": "/usr/bin:/bin"]
        return Contenders(
            store: store,
            engine: try await stores.workingCopy(of: .few),
            load: LoadGenerator(program: wrk, folder: store.folder),
            hush: try ServerProcess(environment: environment) { [hush, "serve", "--listen", "127.0.0.1:\($0)"] },
            bare: try ServerProcess(environment: environment) { port in
                [executable, "bare", "\(port)", store.folder + "/bare"]
            },
            nginx: try ServerProcess(environment: environment) { port in
                [nginx, "-p", store.folder, "-e", "/dev/null", "-c", try Self.configure(port, in: store.folder)]
            },
            token: token
        )
    }

    /// Puts a value whose answer has about 200 bytes; returns a token.
    private func prepare(_ store: WorkingStore) async throws -> String {
        let services = try await store.open().services()
        try await services.createScope(CreateScopeRequest(scope: Self.scope))
        let value = SecretBytes(copying: [UInt8](repeating: 0x78, count: 128).span.bytes, in: SecretPool())
        try await services.putSecret(PutSecretRequest(scope: Self.scope, key: Self.key, stringValue: value))
        let token = try await services.createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: nil, lifetime: nil, comment: ""))
        return token.value.withBytes { bytes in
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    // MARK: Rows

    private func besideOthers(_ contenders: Contenders) async throws -> [BenchmarkRow] {
        var medians: [Double] = []
        var percentiles: [Double] = []
        let seconds = size.serverSeconds
        let engine = try await contenders.engine.open()
        let rates = try await Interleaving.measure(
            rounds: size.serverRounds,
            [
                {
                    try contenders.load.run(
                        contenders.bare.address, path: "/bare", connections: 64, seconds: seconds
                    ).rate
                },
                {
                    try contenders.load.run(
                        contenders.nginx.address, path: "/file", connections: 64, seconds: seconds
                    ).rate
                },
                {
                    let result = try contenders.get(connections: 64, seconds: seconds)
                    medians.append(result.median)
                    percentiles.append(result.percentile99)
                    return result.rate
                },
                { try contenders.put(connections: 64, seconds: seconds).rate },
                {
                    try contenders.load.run(
                        contenders.bare.address, path: "/synced", connections: 64, seconds: seconds
                    ).rate
                },
                { try await engine.read(callers: 64, each: size.callsPerCaller) },
            ]
        )
        return [
            .rate("GET of a secret, 64 connections, beside a bare route", rates[2], of: rates[0], atLeast: 70),
            .rate("  the same, beside a static file of nginx", rates[2], of: rates[1], atLeast: nil),
            .rate("  the same, beside a bare route that syncs a page", rates[2], of: rates[4], atLeast: nil),
            .duration("  the same, p99 beside p50", percentiles, of: medians, atMost: 5),
            .rate("put, 64 connections, beside a bare route", rates[3], of: rates[0], atLeast: 25),
            .rate("bare route that syncs a page, beside a bare route", rates[4], of: rates[0], atLeast: nil),
            .rate("audited get without HTTP, 64 callers, beside it", rates[5], of: rates[0], atLeast: nil),
        ]
    }

    private func single(_ contenders: Contenders) async throws -> [BenchmarkRow] {
        let times = try await Interleaving.measure(
            rounds: size.serverRounds,
            [
                { try Self.syncTime(in: contenders.store.folder) },
                { try contenders.get(connections: 1, seconds: size.serverSeconds).median },
            ]
        )
        let limit = times[0].median + 150e-6
        return [
            .duration("fdatasync of the four pages of one event", times[0].median),
            .duration("GET of a secret, one connection, p50", times[1].median, atMost: limit),
        ]
    }

    /// Without HTTP and without what is done for a request afterwards: how long it takes to know who asks.
    private func authentication(_ contenders: Contenders) async throws -> [BenchmarkRow] {
        let store = try await contenders.engine.open()
        let gateway = store.workspace.gateway(accepting: [.personalAccessToken])
        let right = try await store.services().createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: nil, lifetime: nil, comment: "")
        ).value
        let wrong = SecretBytes(
            copying: Array(("dapi" + String(repeating: "0", count: 64)).utf8).span.bytes, in: store.workspace.pool)
        let origin = RequestOrigin(surface: .rest, address: "127.0.0.1")
        func time(_ token: SecretBytes) async -> Double {
            await 1
                / Rate.of(size.logins) {
                    for _ in 0..<size.logins { _ = try? await gateway.services(forToken: token, origin: origin) }
                }
        }
        let times = try await Interleaving.measure(
            rounds: size.serverRounds, [{ await time(right) }, { await time(wrong) }])
        return [.duration("refusing a wrong token, beside accepting a right one", times[1], of: times[0], atMost: 1.5)]
    }

    private func memory(_ contenders: Contenders) async throws -> [BenchmarkRow] {
        try send(size.serverRequests, to: contenders)
        let after = try contenders.hush.residentMemory
        try send(size.serverRequests / 4, to: contenders)
        let growth = max(0, try contenders.hush.residentMemory - after)
        return [
            .bytes("memory after \(size.serverRequests.grouped) requests", after, atMost: 60 << 20),
            .bytes("  its growth in a quarter more of them", growth, atMost: 2 << 20),
        ]
    }

    private func send(_ count: Int, to contenders: Contenders) throws {
        let progress = ProgressLine("sending requests", of: count)
        var sent = 0
        while sent < count {
            sent += try contenders.get(connections: 64, seconds: size.serverSeconds).requests
            progress.show(sent)
        }
        progress.end()
    }

    // MARK: Others

    /// How long it takes to sync what the transaction of one event writes, in the middle, where the store is: four pages
    /// with their heads, one after the other in the log.
    private static func syncTime(in folder: String) throws -> Double {
        let path = folder + "/sync"
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let frames = [UInt8](repeating: 7, count: 4 * (4096 + 24))
        let clock = ContinuousClock()
        return (0..<400).map { number in
            pwrite(descriptor, frames, frames.count, off_t(number % 200 * frames.count))
            return clock.measure { fdatasync(descriptor) }.seconds
        }
        // The second time around the file's length stays as it is, as the log's does.
        .suffix(200).map { $0 }.median
    }

    private static func find(_ name: String) throws -> String {
        let search = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = search.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        let paths = folders.map { $0 + "/" + name }
        guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw ChildProcessFailure("There is no \(name). Call `make bench-server`, which installs it.")
        }
        return path
    }

    /// Writes what nginx needs for a file of 200 bytes; returns the path of its configuration.
    private static func configure(_ port: Int, in folder: String) throws -> String {
        let root = folder + "/nginx"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try Data(repeating: 0x78, count: 200).write(to: URL(fileURLWithPath: root + "/file"))
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(root)/\($0);" }
        let text = """
            \(geteuid() == 0 ? "user root;" : "")
            daemon off;
            worker_processes auto;
            pid \(root)/pid;
            error_log /dev/null;
            events { worker_connections 1024; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                \(temporary.joined(separator: " "))
                server { listen 127.0.0.1:\(port); root \(root); }
            }
            """
        let path = root + "/configuration"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
