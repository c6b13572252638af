package import Documents

/// A hardware profile as written: what is absent comes from the profile it extends, or is a default.
package struct HardwareEntry: Sendable {
  struct Requirements: Sendable {
    let cores: Int?
    let features: [String]
  }

  struct Allocator: Sendable {
    let narenas: Int?
    let dirtyDecay: Duration?
  }

  let place: Place
  let name: Located<String>
  let extends: Located<String>?
  let summary: String?
  let requires: Located<Requirements>?
  let ceiling: HardwareProfile.InstructionSet?
  let threads: Located<Int>?
  let pinning: Located<HardwareProfile.Pinning>?
  let memoryLimit: Int?
  let allocator: Allocator?

  package static let reader = Reader<HardwareEntry>.record(
    "hardware", "What machine a case may run on, and how."
  ) { fields in
    let name = fields.required(
      "hardware", Reader<String>.name.located, "The file's name without `.yaml`.")
    let extends = fields.optional(
      "extends", Reader<String>.name.located,
      "A profile whose keys hold where this one has none.")
    let summary = fields.optional("description", .string, "One sentence for people.")
    let requires = fields.optional(
      "requires", requirements.located, "What the machine must have; else cases are NOT RUN.")
    let ceiling = fields.optional(
      "isa", .choice(of: HardwareProfile.InstructionSet.self),
      "The strongest instruction set that is used.")
    let threads = fields.optional(
      "threads", Reader<Int>.int(in: 1...64).located, "Threads per inference (default 1).")
    let pinning = fields.optional("pin", pinningReader.located, "compact, or a list of cores.")
    let memory = fields.optional("memory", memoryReader, "Limits on memory.")
    let allocator = fields.optional("allocator", allocatorReader, "How jemalloc is configured.")
    guard let name else { return nil }
    return HardwareEntry(
      place: fields.place(), name: name, extends: extends, summary: summary, requires: requires,
      ceiling: ceiling, threads: threads, pinning: pinning, memoryLimit: memory,
      allocator: allocator)
  }

  private static let requirements = Reader<Requirements>.record(
    "requires", "What the machine must have."
  ) { fields in
    let cores = fields.optional("cores", .int(in: 1...4096), "Cores the process may use.")
    let features = fields.optional(
      "features", .list(of: .choice(knownFeatures), count: 1 ... .max),
      "Processor features as Linux spells them.", default: [])
    return Requirements(cores: cores, features: features)
  }

  /// The processor features that kernels care about, as `/proc/cpuinfo` spells them.
  private static let knownFeatures = [
    "avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni",
    "avx_vnni", "avx512_bf16", "amx_int8", "asimd", "asimddp", "i8mm", "bf16", "sve", "sve2",
  ]

  private static let pinningReader = Reader<HardwareProfile.Pinning>.scalar(
    Reader<String>.choice(["compact"]).map { _ in .compact },
    orList: Reader<[Int]>.list(of: .int(in: 0...4095), count: 1...64)
      .only("a list of different cores") { Set($0).count == $0.count }.map { .cores($0) })

  private static let memoryReader = Reader<Int>.record("memory", "Limits on memory.") { fields in
    fields.required(
      "limit", .bytes(in: 1 << 20 ... .max), "Private writable memory a worker may have.")
  }

  private static let allocatorReader = Reader<Allocator>.record(
    "allocator", "How jemalloc is configured."
  ) { fields in
    let narenas = fields.optional("narenas", .int(in: 1...4096), "Arenas (default 1).")
    let decay = fields.optional(
      "dirty_decay", .duration(in: .zero ... .seconds(3600)),
      "How long unused dirty pages are kept (default 10 s).")
    return Allocator(narenas: narenas, dirtyDecay: decay)
  }

  /// The entry that results where `base` fills in what this one does not say.
  func extending(_ base: HardwareEntry) -> HardwareEntry {
    HardwareEntry(
      place: place, name: name, extends: extends, summary: summary ?? base.summary,
      requires: requires ?? base.requires, ceiling: ceiling ?? base.ceiling,
      threads: threads ?? base.threads, pinning: pinning ?? base.pinning,
      memoryLimit: memoryLimit ?? base.memoryLimit,
      allocator: Allocator(
        narenas: allocator?.narenas ?? base.allocator?.narenas,
        dirtyDecay: allocator?.dirtyDecay ?? base.allocator?.dirtyDecay))
  }

  /// The profile, and what contradicts itself in it.
  func resolved() -> (profile: HardwareProfile, issues: [Issue]) {
    var issues: [Issue] = []
    let threads = self.threads?.value ?? 1
    if let requires, let cores = requires.value.cores, cores < threads {
      issues.append(
        Issue("expected at least \(threads) cores, one per thread, found \(cores)", at: place))
    }
    if let pinning, case .cores(let cores) = pinning.value, cores.count != threads {
      issues.append(
        Issue(
          "expected one core per thread: \(threads), found \(cores.count)", at: pinning.place))
    }
    let profile = HardwareProfile(
      name: name.value, summary: summary ?? "", requiredCores: requires?.value.cores,
      requiredFeatures: requires?.value.features ?? [], ceiling: ceiling, threads: threads,
      pinning: pinning?.value ?? .compact, memoryLimit: memoryLimit,
      allocator: HardwareProfile.AllocatorSettings(
        narenas: allocator?.narenas ?? 1, dirtyDecay: allocator?.dirtyDecay ?? .seconds(10)))
    return (profile, issues)
  }
}
