import CHost
import Foundation
public import Results

extension Fingerprint {
  /// The machine this process runs on. Fields the system does not tell are `unknown` or absent.
  ///
  /// - Parameter instructionSet: The set that kernels are limited to; a machine held back is another
  ///   machine, whose timing says nothing about the whole one's.
  /// - Throws: `HostError` when there is no jemalloc or the affinity cannot be read.
  public static func current(limitedTo instructionSet: String? = nil) throws(HostError)
    -> Fingerprint
  {
    let processor = ProcessorDescription.current()
    let limit = instructionSet.map { ["limited to \($0)"] } ?? []
    return Fingerprint(
      cpu: processor.name, features: processor.features + limit, cores: try Cores.available().count,
      caches: CacheDescription.current(), hypervisor: Hypervisor.name(),
      allocator: try Allocator.name(), compiler: String(cString: qg_controls_compiler()))
  }
}

/// The processor as `/proc/cpuinfo` describes it.
public struct ProcessorDescription: Hashable, Sendable {
  /// Vendor, family, model and stepping, for example `AuthenticAMD 25/17/1`.
  public let name: String
  /// Instruction-set features that kernels may use, sorted.
  public let features: [String]

  /// The features that kernels know, as the kernel spells them.
  static let knownFeatures: Set<String> = [
    "avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni",
    "avx_vnni", "avx512_bf16", "amx_int8", "asimd", "asimddp", "i8mm", "bf16", "sve", "sve2",
  ]

  /// This machine's.
  public static func current() -> ProcessorDescription {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return ProcessorDescription(information: text)
  }

  /// Reads the first processor in the text of `/proc/cpuinfo`.
  public init(information text: String) {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = line[..<colon].trimmingCharacters(in: .whitespaces)
      if fields[key] == nil {
        fields[key] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
    }
    func field(_ keys: String...) -> String {
      keys.lazy.compactMap { fields[$0] }.first ?? "unknown"
    }
    let numbers = [
      field("cpu family", "CPU architecture"), field("model", "CPU part"),
      field("stepping", "CPU variant"),
    ]
    name = field("vendor_id", "CPU implementer") + " " + numbers.joined(separator: "/")
    features = field("flags", "Features").split(separator: " ").map(String.init)
      .filter(Self.knownFeatures.contains).sorted()
  }
}

/// The caches of core 0, from `/sys`.
enum CacheDescription {
  /// Sizes in bytes by level name: `L1d`, `L1i`, `L2`, `L3`.
  static func current() -> [String: Int] {
    var caches: [String: Int] = [:]
    for index in 0..<8 {
      let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
      func read(_ name: String) -> String? {
        (try? String(contentsOfFile: folder + name, encoding: .utf8))?
          .trimmingCharacters(in: .whitespacesAndNewlines)
      }
      guard let level = read("level"), let type = read("type"), let size = read("size"),
        let bytes = bytes(size)
      else { continue }
      let suffix = ["Data": "d", "Instruction": "i"][type] ?? ""
      caches["L\(level)\(suffix)"] = bytes
    }
    return caches
  }

  /// `48K`, `2M` or plain bytes.
  private static func bytes(_ text: String) -> Int? {
    switch text.last {
    case "K": Int(text.dropLast()).map { $0 << 10 }
    case "M": Int(text.dropLast()).map { $0 << 20 }
    case "G": Int(text.dropLast()).map { $0 << 30 }
    default: Int(text)
    }
  }
}

/// What this machine runs on.
enum Hypervisor {
  /// The name a hypervisor gives itself, or `none`.
  static func name() -> String {
    var registers: [UInt32] = [0, 0, 0, 0]
    if qg_cpuid(1, 0, &registers) == 1 {
      // Leaf 1, ECX bit 31: reserved by processors, set by hypervisors.
      guard registers[2] >> 31 == 1 else { return "none" }
      _ = qg_cpuid(0x4000_0000, 0, &registers)
      let bytes = registers[1...3].flatMap { register in
        (0..<4).map { UInt8(truncatingIfNeeded: register >> (8 * UInt32($0))) }
      }
      let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      return text.isEmpty ? "unknown" : text
    }
    let text = (try? String(contentsOfFile: "/sys/hypervisor/type", encoding: .utf8)) ?? "none"
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
