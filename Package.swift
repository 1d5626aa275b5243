// swift-tools-version: 6.2
import PackageDescription

// Read from the top: every target may import only what stands above it.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// What keeps a released program small in memory: no code that nothing calls, no names for other programs to link to, no
/// library that nothing uses, the addresses that the loader adjusts in a table of bits instead of 24 bytes each (glibc
/// 2.36 reads that), and what a server calls side by side (`Scripts/order-functions.py`).
let compact: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--gc-sections", "-Xlinker", "--no-export-dynamic", "-Xlinker", "--as-needed",
            "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-warn-symbol-ordering", "-Xlinker",
            "--symbol-ordering-file=\(Context.packageDirectory)/Scripts/function-order.txt",
        ], .when(platforms: [.linux], configuration: .release))
]

let package = Package(
    name: "martlet",
    products: [.executable(name: "martlet", targets: ["martlet"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        // The system's C libraries.
        .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CEpoll"),

        // libcurl by its headers; the library is loaded when a client is made.
        .target(name: "CCurl"),

        // The document value: parser, writer, pointer, JSON Patch, merge patch.
        .target(name: "JSON", swiftSettings: strict),

        // Names, metadata, errors, selectors, quantities, schemas and what they drive. No I/O.
        .target(name: "APIMachinery", dependencies: ["JSON"], swiftSettings: strict),

        // Keys and certificates, by OpenSSL.
        .target(name: "PKI", dependencies: ["COpenSSL"], swiftSettings: strict),

        // `openapi/` as bytes in the binary, and the built-in kinds that it describes.
        .target(name: "COpenAPIData"),
        .target(
            name: "KubernetesAPI", dependencies: ["APIMachinery", "JSON", "PKI", "COpenAPIData"],
            swiftSettings: strict),

        // The revisioned store. Knows no HTTP and no kind.
        .target(
            name: "Storage",
            dependencies: [
                "APIMachinery",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: strict),

        // Dispatch sockets, TLS, HTTP/1.1, HTTP/2. Knows no Kubernetes.
        .target(
            name: "HTTPTransport", dependencies: ["CNGHTTP2", "COpenSSL", "CZlib", "CEpoll"], swiftSettings: strict),

        // The request path: filters, routing, a file a verb, admission, discovery.
        .target(
            name: "APIServer",
            dependencies: [
                "JSON", "APIMachinery", "KubernetesAPI", "Storage", "PKI", "HTTPTransport",
                .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),

        // What a controller needs of an API server, whichever it is.
        .target(
            name: "KubernetesClient",
            dependencies: [
                "JSON", "APIMachinery", "CCurl",
                .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),

        // Clients of the API only, a process each.
        .target(
            name: "Controllers",
            dependencies: [
                "JSON", "APIMachinery", "KubernetesClient", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "Scheduler",
            dependencies: [
                "JSON", "APIMachinery", "KubernetesClient", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "NodeAgent",
            dependencies: [
                "JSON", "APIMachinery", "KubernetesClient", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),

        // The one executable.
        .executableTarget(
            name: "martlet",
            dependencies: [
                "JSON", "APIMachinery", "KubernetesAPI", "Storage", "PKI", "HTTPTransport", "APIServer",
                "KubernetesClient", "Controllers", "Scheduler", "NodeAgent",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict, linkerSettings: compact),

        // Random objects and changes to them, by a seed.
        .target(
            name: "TestSupport", dependencies: ["APIMachinery", "JSON"], path: "Tests/Support", swiftSettings: strict),

        // Feeds what parses clients' input with what no client means to send; `make fuzz`.
        .executableTarget(
            name: "martlet-fuzz", dependencies: ["TestSupport", "APIServer", "KubernetesAPI", "APIMachinery", "JSON"],
            path: "Tests/Fuzz", swiftSettings: strict),

        // A process that the store's tests kill, and the one that kills it.
        .executableTarget(
            name: "martlet-crash-test", dependencies: ["Storage", "APIMachinery", "TestSupport"],
            path: "Tests/CrashTest",
            swiftSettings: strict),
        .executableTarget(
            name: "storage-benchmark", dependencies: ["Storage", "APIMachinery"], path: "Benchmarks/Storage",
            swiftSettings: strict),

        // Drives a server over real sockets and prints what it cost.
        .executableTarget(
            name: "martlet-bench",
            dependencies: [
                "KubernetesClient", "APIMachinery", "JSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks/Server", swiftSettings: strict),

        // How tests run: traits of Swift Testing, which the programs above do without.
        .target(name: "TestTraits", path: "Tests/Traits", swiftSettings: strict),

        // A test target a target.
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport", "TestTraits"], swiftSettings: strict),
        .testTarget(
            name: "APIMachineryTests", dependencies: ["APIMachinery", "JSON", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "KubernetesAPITests", dependencies: ["KubernetesAPI", "APIMachinery", "JSON", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Storage", "APIMachinery", "TestSupport", "TestTraits", "martlet-crash-test",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .testTarget(
            name: "HTTPTransportTests", dependencies: ["HTTPTransport", "PKI", "TestSupport", "TestTraits"],
            swiftSettings: strict),
        // The program as a process, seen from the wire.
        .testTarget(
            name: "WireTests", dependencies: ["martlet", "KubernetesAPI", "APIMachinery", "JSON", "TestTraits"],
            swiftSettings: strict),
        .testTarget(
            name: "APIServerTests",
            dependencies: [
                "APIServer", "APIMachinery", "JSON", "KubernetesAPI", "Storage", "HTTPTransport", "PKI",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(name: "PKITests", dependencies: ["PKI"], swiftSettings: strict),
        .testTarget(
            name: "ControllersTests", dependencies: ["Controllers", "KubernetesClient", "APIMachinery", "JSON"],
            swiftSettings: strict),
        .testTarget(
            name: "SchedulerTests", dependencies: ["Scheduler", "KubernetesClient", "JSON"], swiftSettings: strict),
        .testTarget(
            name: "NodeAgentTests", dependencies: ["NodeAgent", "KubernetesClient", "APIMachinery", "JSON"],
            swiftSettings: strict),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "Controllers", "Scheduler", "NodeAgent", "KubernetesClient", "APIMachinery", "JSON", "TestTraits",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: ["KubernetesClient", "APIMachinery", "JSON", "HTTPTransport", "PKI", "TestTraits"],
            swiftSettings: strict),

        // The program as its users meet it: processes, kubectl, Python, curl.
        .testTarget(
            name: "EndToEndTests", dependencies: ["martlet", "JSON"], exclude: ["Python"], swiftSettings: strict),
    ]
)
