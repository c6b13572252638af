// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hdrHistogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let numerics = Target.Dependency.product(name: "RealModule", package: "swift-numerics")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// One library module and the tests that mirror it. ARCHITECTURE.md says what each holds.
func module(
  _ name: String, imports: [Target.Dependency] = [], tests: [Target.Dependency] = [],
  goldens: Bool = false, exclude: [String] = []
) -> [Target] {
  [
    .target(name: name, dependencies: imports, exclude: exclude, swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests",
      dependencies: [.target(name: name), "TestSupport"] + imports + tests,
      resources: goldens ? [.copy("Goldens")] : [],
      swiftSettings: settings),
  ]
}

/// One C module (headers in `include/`) and its Swift tests.
func cModule(
  _ name: String, imports: [Target.Dependency] = [], linked: [LinkerSetting] = [],
  tests: [Target.Dependency] = [], goldens: Bool = false
) -> [Target] {
  [
    .target(name: name, dependencies: imports, linkerSettings: linked),
    .testTarget(
      name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + imports + tests,
      resources: goldens ? [.copy("Goldens")] : [],
      swiftSettings: settings),
  ]
}

let modules: [[Target]] = [
  cModule("CMath", goldens: true),
  cModule("CKernels", imports: ["CMath"], tests: ["Threads"]),
  [.target(name: "CThreads")],
  module("Threads", imports: ["CThreads"]),
  cModule("CHost", imports: ["CJemalloc"], linked: [.linkedLibrary("jemalloc")]),
  module("Digests", imports: [crypto]),
  module("Documents", imports: [yams]),
  module("NumberFormats", imports: ["CKernels"], goldens: true),
  module("Graphs", imports: ["NumberFormats"]),
  module("Tokenizers", goldens: true),
  module(
    "Checkpoints", imports: ["Digests", "Graphs", "NumberFormats", protobuf],
    tests: ["ONNXWriter"], exclude: ["ONNX/Schema/onnx.proto"]),
  module(
    "Architectures",
    imports: ["CMath", "Documents", "Graphs", "Checkpoints", "NumberFormats", "Tokenizers"],
    tests: ["Execution", "Quantization"], goldens: true),
  module("Quantization", imports: ["Documents", "Graphs", "NumberFormats"]),
  module(
    "Execution", imports: ["CKernels", "CMath", "Graphs", "NumberFormats", "Threads"],
    tests: ["CJemalloc"]),
  module(
    "Training",
    imports: ["Architectures", "CKernels", "CMath", "Graphs"],
    tests: ["Checkpoints", "Datasets", "Digests", "Documents"]),
  module(
    "Datasets", imports: ["CMath", "CZlib", "Checkpoints", "Digests", "Documents", "Tokenizers"]),
  module("Results", imports: ["CMath", "Digests", hdrHistogram]),
  module("Evaluation", imports: ["CMath", "Digests", "Results"], goldens: true),
  module(
    "Scenarios",
    imports: [
      "Digests", "Documents", "Results", "Architectures", "Checkpoints", "Graphs", "Quantization",
      "Datasets", "Tokenizers",
    ]),
  module("Host", imports: ["CHost", "Digests", "Results"]),
  module(
    "Engines",
    imports: ["Architectures", "Checkpoints", "Execution", "Graphs", "Quantization"]),
  module(
    "Measuring",
    imports: [
      "Architectures", "CHost", "Checkpoints", "Datasets", "Digests", "Engines", "Evaluation",
      "Execution", "Graphs", "Host", "Quantization", "Results",
    ]),
  module("Comparison", imports: ["CMath", "Results", numerics]),
  module("Reporting", imports: ["Results", "Comparison"]),
  module(
    "KernelBenchmarks", imports: ["CKernels", "Comparison", "Host", "Results", "Threads"]),
]

let package = Package(
  name: "QuantGate",
  products: [
    .executable(name: "quantgate", targets: ["quantgate"]),
    // For the fuzzer, which is a package of its own: Tests/Fuzzing.
    .library(name: "HostileInput", targets: ["HostileInput"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: modules.flatMap(\.self) + [
    .systemLibrary(name: "CJemalloc", providers: [.apt(["libjemalloc-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .target(name: "ONNXWriter", path: "Tests/ONNXWriter", swiftSettings: settings),
    .target(
      name: "HostileInput",
      dependencies: [
        "Architectures", "Checkpoints", "Datasets", "Documents", "Graphs", "ONNXWriter",
        "Quantization", "Results", "Scenarios", "Tokenizers",
      ],
      path: "Tests/HostileInput", swiftSettings: settings),
    .testTarget(
      name: "HostileInputTests", dependencies: ["HostileInput", "TestSupport"],
      swiftSettings: settings),
    .executableTarget(
      name: "quantgate",
      dependencies: [
        argumentParser, "Architectures", "Checkpoints", "Comparison", "Datasets", "Digests",
        "Documents", "Engines", "Evaluation", "Execution", "Graphs", "Host", "KernelBenchmarks",
        "Measuring", "NumberFormats", "Quantization", "Reporting", "Results", "Scenarios",
        "Training",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "quantgateTests",
      dependencies: [
        "quantgate", "TestSupport", "Checkpoints", "Results", "Comparison", "Digests", "ONNXWriter",
      ],
      swiftSettings: settings),
  ],
  cLanguageStandard: .c11
)
