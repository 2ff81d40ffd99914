// swift-tools-version: 6.1
import PackageDescription

let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let house: [SwiftSetting] = [.swiftLanguageMode(.v6)]

// A package of its own, so that building Ratchet does not build its benchmarks. It drives the
// `ratchet` binary and reads what that prints and logs; interpreter and passes are measured from inside.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(name: "ratchet", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
  ],
  targets: [
    .target(name: "Campaigns", swiftSettings: house),
    .executableTarget(
      name: "throughput", dependencies: ["Campaigns", arguments], swiftSettings: house),
    .executableTarget(
      name: "agreement", dependencies: ["Campaigns", arguments], swiftSettings: house),
    .executableTarget(
      name: "interpreter",
      dependencies: ["Campaigns", arguments, .product(name: "Judging", package: "ratchet")],
      swiftSettings: house),
    .executableTarget(
      name: "transformation",
      dependencies: ["Campaigns", arguments, .product(name: "Transforming", package: "ratchet")],
      swiftSettings: house),
    .executableTarget(
      name: "lineage",
      dependencies: [
        "Campaigns", arguments, .product(name: "Recording", package: "ratchet"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: house),
  ]
)
