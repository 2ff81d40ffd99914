// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// The root of the LLVM installation whose libclang is bound: `RATCHET_LLVM` when set, else the
/// first of Debian's versioned prefixes that holds the C headers. Debian ships no pkg-config file
/// for libclang.
let llvmPrefix: String = {
  if let chosen = ProcessInfo.processInfo.environment["RATCHET_LLVM"] { return chosen }
  let versions = [14, 15, 16, 17, 18, 19, 20, 21, 22]
  let prefixes = versions.map { "/usr/lib/llvm-\($0)" }
  return prefixes.first {
    FileManager.default.fileExists(atPath: "\($0)/include/clang-c/Index.h")
  } ?? "/usr/lib/llvm-14"
}()

let clangHeaders: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-I\(llvmPrefix)/include"])]
let house: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
  ] + clangHeaders
let optimizedC: [CSetting] = [.unsafeFlags(["-O3"])]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// A room of the design: a Swift target with the house settings.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

/// The tests of one room.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
    swiftSettings: house)
}

let package = Package(
  name: "ratchet",
  platforms: [.macOS(.v13)],
  products: [
    .executable(name: "ratchet", targets: ["ratchet"]),
    .executable(name: "ratchet-runner", targets: ["ratchet-runner"]),
    .executable(name: "ratchet-solver", targets: ["ratchet-solver"]),
    // What `Benchmarks` measures from inside.
    .library(
      name: "Judging", targets: ["EquivalenceChecking", "KernelParsing", "KernelModel"]),
    .library(
      name: "Transforming",
      targets: [
        "Passes", "DependenceAnalysis", "KernelParsing", "KernelModel", "ExperimentRecords",
      ]),
    .library(name: "Recording", targets: ["LineageLog", "ExperimentRecords"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "3.12.3"),
    .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    .systemLibrary(name: "CClang"),
    .systemLibrary(
      name: "CIsl", pkgConfig: "isl", providers: [.apt(["libisl-dev"])]),
    .systemLibrary(
      name: "CZ3", pkgConfig: "z3", providers: [.apt(["libz3-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(
      name: "ClangBindings", dependencies: ["CClang"], swiftSettings: house,
      linkerSettings: [
        .unsafeFlags(["-L\(llvmPrefix)/lib"]), .linkedLibrary("clang"),
      ]),
    room("IslBindings", ["CIsl"]),
    room("Z3Bindings", ["CZ3"]),
    room("SQLiteBindings", ["CSQLite"]),
    room("Diagnostics"),
    room("ExperimentRecords", ["Diagnostics"]),
    room("KernelModel", ["Diagnostics"]),
    room("KernelParsing", ["KernelModel", "ClangBindings", "Diagnostics"]),
    room("DependenceAnalysis", ["KernelModel", "IslBindings", "Diagnostics"]),
    .target(
      name: "JudgeKernels", cSettings: optimizedC, linkerSettings: [.linkedLibrary("m")]),
    .target(name: "AgentKernels", cSettings: optimizedC),
    room("Passes", ["DependenceAnalysis", "KernelModel", "ExperimentRecords", "Diagnostics"]),
    room("Sandboxing", ["Diagnostics", system]),
    .executableTarget(
      name: "ratchet-runner", dependencies: ["JudgeKernels"],
      // The runner exports what audited objects call, and nothing else.
      cSettings: [.unsafeFlags(["-O3", "-fvisibility=hidden"]), .define("_GNU_SOURCE")],
      linkerSettings: [
        .linkedLibrary("seccomp"), .linkedLibrary("dl"), .linkedLibrary("m"),
        .unsafeFlags(["-Xlinker", "--export-dynamic"]),
      ]),
    room(
      "CandidateExecution",
      [
        "KernelModel", "ExperimentRecords", "Sandboxing", "JudgeKernels", "Diagnostics", crypto,
      ]),
    room(
      "EquivalenceChecking",
      [
        "KernelParsing", "KernelModel", "IslBindings", "CandidateExecution", "JudgeKernels",
        "ExperimentRecords", "Diagnostics", "Sandboxing",
      ]),
    .executableTarget(
      name: "ratchet-solver", dependencies: ["Z3Bindings"], swiftSettings: house),
    room("LineageLog", ["ExperimentRecords", "Diagnostics", "SQLiteBindings", crypto, system]),
    room("SearchPolicies", ["LineageLog", "ExperimentRecords", "AgentKernels"]),
    room(
      "OptimizationAgent",
      [
        "Diagnostics", "ExperimentRecords", "KernelModel", "KernelParsing", "DependenceAnalysis",
        "Passes", "CandidateExecution", "EquivalenceChecking", "LineageLog", "SearchPolicies",
        "Sandboxing", yams, log,
      ]),
    room("Reporting", ["LineageLog", "ExperimentRecords", "Diagnostics"]),
    .executableTarget(
      name: "ratchet",
      dependencies: [
        "Diagnostics", "ExperimentRecords", "KernelModel", "KernelParsing", "DependenceAnalysis",
        "Passes", "CandidateExecution", "EquivalenceChecking", "LineageLog", "SearchPolicies",
        "OptimizationAgent", "Reporting", "Sandboxing", "ratchet-runner", "ratchet-solver",
        arguments, log, system,
      ],
      swiftSettings: house),
  ]
    + [
      tests("ClangBindings"),
      tests("IslBindings"),
      tests("Z3Bindings"),
      tests("Diagnostics"),
      tests("ExperimentRecords"),
      tests("KernelModel"),
      tests("KernelParsing", ["KernelModel", "Diagnostics"]),
      tests("DependenceAnalysis", ["KernelParsing", "KernelModel", "IslBindings"]),
      tests(
        "Passes",
        [
          "KernelParsing", "KernelModel", "DependenceAnalysis", "ExperimentRecords", "Diagnostics",
          "OptimizationAgent", "SearchPolicies",
        ]),
      tests("Sandboxing", ["ratchet-runner", "ratchet-solver"]),
      tests(
        "CandidateExecution",
        ["KernelModel", "KernelParsing", "ExperimentRecords", "JudgeKernels", "ratchet-runner"]),
      tests(
        "EquivalenceChecking",
        [
          "KernelParsing", "KernelModel", "DependenceAnalysis", "IslBindings", "CandidateExecution",
          "ExperimentRecords", "JudgeKernels", "Sandboxing", "ratchet-runner", "ratchet-solver",
        ]),
      // A writer that tests of the lineage kill.
      .executableTarget(
        name: "lineage-appender", dependencies: ["LineageLog", "ExperimentRecords", system],
        path: "Tests/LineageAppender", swiftSettings: house),
      tests(
        "LineageLog",
        [
          "ExperimentRecords", "Diagnostics", "SQLiteBindings", "lineage-appender", crypto, system,
        ]),
      tests("SearchPolicies", ["ExperimentRecords"]),
      tests(
        "OptimizationAgent",
        [
          "EquivalenceChecking", "ExperimentRecords", "LineageLog", "KernelModel", "KernelParsing",
          "SearchPolicies", "ratchet-runner", "ratchet-solver",
        ]),
      tests("Reporting", ["ExperimentRecords", "LineageLog"]),
      .testTarget(
        name: "CommandLineTests",
        dependencies: [
          "ratchet", "ratchet-runner", "ratchet-solver", "ExperimentRecords", "LineageLog", system,
        ],
        swiftSettings: house),
    ]
)
