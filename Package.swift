// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// The C library's `stat` is also declared in a C module of swift-nio's, and in modules that load both the compiler takes
// its members for those of the other one, which nobody imports.
let strictBesideNIO: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "hush",
    products: [
        .executable(name: "hush", targets: ["hush"]),
        .library(name: "Workspace", targets: ["Workspace"]),
        .library(name: "Redaction", targets: ["Redaction"]),
        .library(name: "NotebookRunner", targets: ["NotebookRunner"]),
        .library(name: "DBUtils", targets: ["DBUtils"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: The core: memory, cryptography, model and engine. No database, no network, no files.
        .target(name: "CLinux"),
        .target(name: "Processes", dependencies: ["SecretMemory", "CLinux"], swiftSettings: strict),
        .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "SecretMemory", swiftSettings: strict),
        .target(name: "SecretCrypto", dependencies: ["SecretMemory", "CLibcrypto"], swiftSettings: strict),
        .target(name: "SecretScopes", dependencies: ["SecretMemory", "SecretCrypto"], swiftSettings: strict),
        .target(name: "CScanning"),
        .target(name: "Redaction", dependencies: ["SecretMemory", "CScanning"], swiftSettings: strict),

        // MARK: The wire.
        .target(name: "SecretJSON", dependencies: ["SecretMemory"], swiftSettings: strict),
        .target(
            name: "ErasingBuffers",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .target(
            name: "DatabricksAPI",
            dependencies: [
                "ErasingBuffers", "SecretJSON", "SecretScopes", "SecretMemory",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ScopeServer",
            dependencies: [
                "DatabricksAPI", "ErasingBuffers", "SecretScopes", "SecretMemory",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "ExternalVaults",
            dependencies: [
                "DatabricksAPI", "ErasingBuffers", "SecretJSON", "SecretScopes", "SecretCrypto", "SecretMemory",
                "Processes", "CLinux",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strictBesideNIO
        ),

        // MARK: Storage and the one-call way in.
        .target(
            name: "ScopeStorage",
            dependencies: [
                "SecretScopes", "SecretMemory", "CLinux",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Workspace",
            dependencies: ["ExternalVaults", "ScopeStorage", "SecretScopes", "SecretCrypto", "SecretMemory", "CLinux"],
            swiftSettings: strict
        ),
        .target(
            name: "ScopeManifests",
            dependencies: [
                "SecretScopes", "SecretCrypto", "SecretMemory", "SecretJSON",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),

        // MARK: Runs.
        .target(
            name: "Runs",
            dependencies: [
                "ScopeServer", "DatabricksAPI", "SecretScopes", "SecretCrypto", "SecretMemory", "Redaction",
                "Processes", "CLinux",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strictBesideNIO
        ),
        .target(
            name: "NotebookRunner",
            dependencies: ["Runs", "Redaction", "SecretScopes", "SecretCrypto", "SecretMemory"],
            swiftSettings: strictBesideNIO
        ),
        .target(name: "DBUtils", swiftSettings: [.swiftLanguageMode(.v6)]),

        // MARK: The command line.
        .executableTarget(
            name: "hush",
            dependencies: [
                "Workspace", "NotebookRunner", "Runs", "ScopeManifests", "ScopeServer", "DatabricksAPI", "SecretJSON",
                "SecretScopes", "SecretCrypto", "SecretMemory", "Redaction", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),

        // MARK: Benchmarks.
        .executableTarget(
            name: "hush-bench",
            dependencies: [
                "ScopeManifests", "Workspace", "Redaction", "SecretScopes", "SecretCrypto", "SecretMemory", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Benchmarks/HushBenchmarks",
            swiftSettings: strict
        ),

        // MARK: Tests.
        .target(name: "RepeatableRandomness", path: "Tests/RepeatableRandomness", swiftSettings: strict),
        .target(name: "TestPrograms", path: "Tests/TestPrograms", swiftSettings: strict),
        .target(
            name: "WorkspaceFixtures",
            dependencies: [
                "Workspace", "SecretScopes", "SecretMemory", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/WorkspaceFixtures",
            swiftSettings: strict
        ),
        .testTarget(name: "SecretMemoryTests", dependencies: ["SecretMemory"], swiftSettings: strict),
        .testTarget(
            name: "SecretCryptoTests",
            dependencies: ["RepeatableRandomness", "SecretCrypto", "SecretMemory"],
            exclude: ["agreement.py"],
            swiftSettings: strict
        ),
        // Slow enough when it is optimized.
        .target(
            name: "RedactionReference",
            path: "Tests/RedactionReference",
            swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]
        ),
        .testTarget(
            name: "RedactionTests",
            dependencies: ["Redaction", "RedactionReference", "SecretMemory"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SecretScopesTests",
            dependencies: [
                "RepeatableRandomness", "SecretScopes", "SecretCrypto", "SecretMemory", "Workspace",
                "WorkspaceFixtures",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ScopeStorageTests",
            dependencies: [
                "ScopeStorage", "SecretScopes", "SecretMemory", "Workspace", "WorkspaceFixtures",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "FaultyFiles",
            path: "Tests/FaultyFiles",
            linkerSettings: [.linkedLibrary("sqlite3")]
        ),
        .target(
            name: "DurabilityHistory", dependencies: ["RepeatableRandomness"], path: "Tests/DurabilityHistory",
            swiftSettings: strict),
        .executableTarget(
            name: "durability-worker",
            dependencies: ["RepeatableRandomness", "DurabilityHistory", "Workspace", "SecretScopes", "SecretMemory"],
            path: "Tests/DurabilityWorker",
            swiftSettings: strict
        ),
        .testTarget(
            name: "DurabilityTests",
            dependencies: [
                "RepeatableRandomness", "durability-worker", "DurabilityHistory", "FaultyFiles", "ScopeStorage",
                "SecretScopes", "SecretCrypto",
                "SecretMemory", "Workspace", "WorkspaceFixtures", "CLinux",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ScopeManifestsTests",
            dependencies: [
                "RepeatableRandomness", "TestPrograms", "ExternalVaults", "ScopeManifests", "SecretScopes",
                "SecretCrypto", "SecretMemory", "Workspace", "WorkspaceFixtures",
            ],
            exclude: ["validate_manifests.py"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DatabricksAPITests",
            dependencies: [
                "RepeatableRandomness", "TestPrograms", "DatabricksAPI", "SecretJSON", "SecretScopes", "SecretMemory",
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ScopeServerTests",
            dependencies: [
                "TestPrograms", "ScopeServer", "DatabricksAPI", "SecretScopes", "SecretMemory", "Workspace",
                "WorkspaceFixtures",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: [
                "administrator.py", "certificates.py", "checklist.py", "http2.py", "legacy.py", "load.py",
                "memory_probe.py",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExternalVaultsTests",
            dependencies: [
                "RepeatableRandomness", "ExternalVaults", "SecretJSON", "SecretScopes", "SecretCrypto", "SecretMemory",
                "TestPrograms",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RunsTests",
            dependencies: [
                "TestPrograms", "Runs", "Processes", "DatabricksAPI", "SecretScopes", "SecretMemory", "Redaction",
                "Workspace",
                "WorkspaceFixtures",
            ],
            exclude: ["broker_client.py"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DBUtilsTests", dependencies: ["RepeatableRandomness", "DBUtils"], swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "RepeatableRandomness", "TestPrograms", "hush", "SecretScopes", "SecretMemory", "Workspace",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Golden", "job.py", "read_dotenv.py"],
            swiftSettings: strictBesideNIO
        ),
        .testTarget(
            name: "NotebookRunnerTests",
            dependencies: [
                "RepeatableRandomness", "NotebookRunner", "Runs", "Redaction", "SecretScopes", "SecretCrypto",
                "SecretMemory",
            ],
            swiftSettings: strict
        ),
    ]
)
