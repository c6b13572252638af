/// What machine a case may run on, and how.
public struct HardwareProfile: Hashable, Sendable {
  /// The instruction sets a profile can stop at.
  public enum InstructionSet: String, CaseIterable, Sendable {
    case scalar
    case avx2
    case avx512
    case avx512vnni = "avx512-vnni"
    case neon
    case neonDotProduct = "neon-dotprod"
  }

  /// Which cores the threads are pinned to.
  public enum Pinning: Hashable, Sendable {
    /// The first `threads` of the cores the process may use.
    case compact
    /// One core per thread, the first thread first.
    case cores([Int])
  }

  /// How the worker configures jemalloc.
  public struct AllocatorSettings: Hashable, Sendable {
    /// Number of arenas.
    public let narenas: Int
    /// How long unused dirty pages are kept.
    public let dirtyDecay: Duration

    /// Creates settings; the defaults are one arena and jemalloc's own ten seconds.
    public init(narenas: Int = 1, dirtyDecay: Duration = .seconds(10)) {
      self.narenas = narenas
      self.dirtyDecay = dirtyDecay
    }
  }

  /// The name scenarios use.
  public let name: String
  /// One sentence for people.
  public let summary: String
  /// Cores the process must be allowed to use; otherwise its cases are not run.
  public let requiredCores: Int
  /// Processor features, as Linux spells them, sorted; otherwise its cases are not run.
  public let requiredFeatures: [String]
  /// The strongest instruction set that is used; `nil` for the machine's best.
  public let ceiling: InstructionSet?
  /// Threads that share the work of an inference.
  public let threads: Int
  /// Where they run.
  public let pinning: Pinning
  /// Private writable memory a worker may have in bytes; `nil` for no limit.
  public let memoryLimit: Int?
  /// The allocator's configuration.
  public let allocator: AllocatorSettings

  /// Creates a profile.
  public init(
    name: String, summary: String = "", requiredCores: Int? = nil,
    requiredFeatures: [String] = [], ceiling: InstructionSet? = nil, threads: Int = 1,
    pinning: Pinning = .compact, memoryLimit: Int? = nil,
    allocator: AllocatorSettings = AllocatorSettings()
  ) {
    self.name = name
    self.summary = summary
    self.requiredCores = requiredCores ?? threads
    self.requiredFeatures = requiredFeatures.sorted()
    self.ceiling = ceiling
    self.threads = threads
    self.pinning = pinning
    self.memoryLimit = memoryLimit
    self.allocator = allocator
  }
}
