// swift-tools-version: 6.2
// The floor plan of ARCHITECTURE.md as a build: a target may import only from the floors below it.
// `HouseRulesTests` holds this file against the plan.
import PackageDescription

let package = Package(
  name: "cafsync",
  products: [.executable(name: "cafsync", targets: ["cafsync"])],
  targets: [
    // Floor 0: the system's C libraries.
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLinux"),
    // Floor 1
    .target(name: "Causality"),
    .target(name: "CBOR"),
    .target(name: "Tabulation"),
    .target(name: "SQLite", dependencies: ["CSQLite"]),
    .target(name: "Cryptography", dependencies: ["CCrypto"]),
    .target(name: "Operations", dependencies: ["CLinux"]),
    // Floor 2
    .target(name: "CaseRecords", dependencies: ["Causality", "CBOR"]),
    // Floor 3
    .target(name: "Disclosure", dependencies: ["CaseRecords", "Causality"]),
    .target(
      name: "SyncProtocol", dependencies: ["CaseRecords", "Causality", "CBOR", "Cryptography"]),
    .target(name: "HTTPWire"),
    .target(name: "SampleDistrict", dependencies: ["CaseRecords", "Causality", "CBOR"]),
    // Floor 4
    .target(
      name: "ReplicaStore",
      dependencies: [
        "CaseRecords", "Causality", "CBOR", "Cryptography", "SQLite", "SyncProtocol",
      ],
      resources: [
        .embedInCode("Schema/replica-0001.sql"), .embedInCode("Schema/agency-0001.sql"),
        .embedInCode("Schema/hub-0001.sql"), .embedInCode("Schema/hub-0002.sql"),
        .embedInCode("Schema/hub-0003.sql"), .embedInCode("Schema/hub-0004.sql"),
        .embedInCode("Schema/hub-0006.sql"), .embedInCode("Schema/hub-0007.sql"),
        .embedInCode("Schema/hub-0008.sql"),
        .embedInCode("Schema/keys-0001.sql"),
      ]),
    // Floor 5
    .target(
      name: "SyncEngine",
      dependencies: [
        "CaseRecords", "Causality", "CBOR", "Cryptography", "Disclosure", "ReplicaStore",
        "SQLite", "SyncProtocol",
      ]),
    // Floor 6
    .target(name: "HTTPTransport", dependencies: ["HTTPWire", "CCurl", "CLinux", "Operations"]),
    .target(
      name: "Pages", dependencies: ["Operations"],
      resources: [.embedInCode("Assets/pages.css"), .embedInCode("Assets/pages.js")]),
    .target(
      name: "Simulation",
      dependencies: [
        "CaseRecords", "Causality", "Cryptography", "Operations", "ReplicaStore",
        "SQLite", "SyncEngine", "SyncProtocol",
      ]),
    // Floor 7
    .target(
      name: "PageServer", dependencies: ["Cryptography", "HTTPWire", "Operations", "Pages"]),
    // Floor 8
    .target(
      name: "AgencyService",
      dependencies: [
        "CaseRecords", "Causality", "CBOR", "CLinux", "Cryptography", "Disclosure",
        "HTTPTransport", "HTTPWire", "Operations", "PageServer", "Pages", "ReplicaStore",
        "SampleDistrict",
        "SQLite", "SyncEngine", "SyncProtocol",
      ]),
    .target(
      name: "HubService",
      dependencies: [
        "CaseRecords", "Causality", "CBOR", "Cryptography", "Disclosure", "HTTPTransport",
        "HTTPWire", "Operations", "PageServer", "Pages", "ReplicaStore", "SQLite", "SyncEngine",
        "SyncProtocol", "Tabulation",
      ]),
    .target(
      name: "Benchmarks",
      dependencies: [
        "CaseRecords", "Causality", "CBOR", "Cryptography", "Operations", "ReplicaStore", "SQLite",
        "SyncEngine", "SyncProtocol",
      ]),
    // Floor 9
    .executableTarget(
      name: "cafsync",
      dependencies: [
        "AgencyService", "Benchmarks", "Causality", "CaseRecords", "CLinux", "HTTPTransport",
        "HTTPWire",
        "HubService",
        "Operations", "ReplicaStore", "Simulation", "SQLite",
      ]),
    // Tests; TestSupport is what several of them share, TestDaemons a district of real processes.
    .target(
      name: "TestSupport", dependencies: ["CLinux", "CSQLite", "Operations"],
      path: "Tests/TestSupport"),
    .target(
      name: "TestDaemons",
      dependencies: ["HTTPTransport", "Operations", "SampleDistrict", "TestSupport"],
      path: "Tests/TestDaemons"),
    .testTarget(name: "CausalityTests", dependencies: ["Causality"]),
    .testTarget(name: "TabulationTests", dependencies: ["Tabulation"]),
    .testTarget(name: "CBORTests", dependencies: ["CBOR", "TestSupport"]),
    .testTarget(name: "SQLiteTests", dependencies: ["SQLite"]),
    .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"]),
    .testTarget(name: "OperationsTests", dependencies: ["Operations"]),
    .testTarget(name: "CaseRecordsTests", dependencies: ["CaseRecords", "CBOR", "Causality"]),
    .testTarget(
      name: "DisclosureTests", dependencies: ["Disclosure", "CaseRecords", "Causality"]),
    .testTarget(
      name: "SyncProtocolTests",
      dependencies: ["SyncProtocol", "CaseRecords", "Causality", "CBOR", "TestSupport"]),
    .testTarget(name: "PagesTests", dependencies: ["Operations", "Pages"]),
    .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire", "TestSupport"]),
    .testTarget(
      name: "HTTPTransportTests",
      dependencies: ["HTTPTransport", "HTTPWire", "Operations", "TestSupport", "CLinux"]),
    .testTarget(
      name: "SampleDistrictTests", dependencies: ["SampleDistrict", "CaseRecords", "Causality"]),
    .testTarget(
      name: "ReplicaStoreTests",
      dependencies: [
        "ReplicaStore", "SyncProtocol", "CaseRecords", "Causality", "CBOR", "Cryptography",
        "SQLite", "TestSupport",
      ]),
    .testTarget(
      name: "SyncEngineTests",
      dependencies: [
        "SyncEngine", "ReplicaStore", "SyncProtocol", "Disclosure", "CaseRecords", "Causality",
        "CBOR", "Cryptography", "SQLite", "TestSupport",
      ]),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation"]),
    .testTarget(
      name: "HubServiceTests",
      dependencies: [
        "HubService", "CaseRecords", "Causality", "Cryptography", "HTTPTransport", "HTTPWire",
        "Operations", "PageServer", "ReplicaStore", "SQLite", "SyncEngine", "SyncProtocol",
      ]),
    .testTarget(
      name: "AgencyServiceTests",
      dependencies: [
        "AgencyService", "CaseRecords", "Causality", "Cryptography", "HTTPTransport", "HTTPWire",
        "Operations", "PageServer", "ReplicaStore", "SQLite", "SyncEngine", "SyncProtocol",
        "TestSupport",
      ]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "cafsync", "CBOR", "CaseRecords", "Causality", "Cryptography", "HTTPTransport", "HTTPWire",
        "HubService", "Operations", "PageServer", "ReplicaStore", "SampleDistrict", "SQLite",
        "SyncProtocol", "TestDaemons", "TestSupport",
      ],
      exclude: ["Clock", "Flood", "Monitoring", "Stick", "Stranger", "Systemd"]),
    .testTarget(
      name: "BrowserTests",
      dependencies: [
        "cafsync", "AgencyService", "Cryptography", "HTTPTransport", "HTTPWire", "HubService",
        "Operations", "PageServer", "TestDaemons", "TestSupport",
      ]),
    .testTarget(name: "HouseRulesTests"),
  ],
  swiftLanguageModes: [.v6]
)

// Built only by `.ci/fuzz`, with the sanitizers that give the program its entry.
if Context.environment["CAFSYNC_FUZZ_BUILD"] != nil {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "AgencyService", "CBOR", "CaseRecords", "Causality", "HTTPWire", "HubService",
        "Operations", "SyncEngine", "SyncProtocol",
      ], path: "Tests/Fuzz", exclude: ["seed.py", "seeds"]))
}

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
  ]
}
