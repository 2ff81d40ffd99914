// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that building Ratchet does not build its benchmarks. It drives the
// `ratchet` binary and reads what that prints and logs.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .executableTarget(
      name: "throughput",
      dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
