import ArgumentParser
import Execution
import Foundation
import Host
import KernelBenchmarks
import Reporting
import Results

/// How fast the kernels are, beside the machine's limits.
struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Measure every kernel and the limit of this machine that bounds it.",
    discussion: """
      Kernel and probe of its limit alternate in slices of some milliseconds, so that the share of \
      the limit holds on a noisy machine too; time is that of each thread's own work.

      --filter takes a regular expression that is searched for in a row's kernel and shape, or in \
      the name of its family, and may be given several times; a row has to match all of them:
        --filter '^gemm_u8'             products of uint8 activations
        --filter 128x5632x2048          products of one shape; x stands for × too
        --filter windows                a family
        --filter gemm_ --filter ' 1x'   products of a single row
      """)

  @Option(
    help: ArgumentHelp(
      "Take only rows whose kernel and shape, or family, match.", valueName: "regex"))
  var filter: [String] = []

  @Option(
    help: ArgumentHelp(
      "The instruction set, for example avx2 or neon; the best one by default.",
      valueName: "name"))
  var isa: String?

  @Option(help: "Threads, each pinned to a core of its own.")
  var threads = 1

  @Option(
    help: ArgumentHelp(
      "Seconds to measure in all; 2.5 a row and at most 70 by default.", valueName: "seconds"))
  var time: Double?

  @Option(help: "How the report is written.")
  var format = ReportOptions.Format.text

  @Flag(help: "Say nothing but the report.")
  var quiet = false

  @Flag(name: .customLong("no-progress"), help: "Print plain lines even on a terminal.")
  var noProgress = false

  /// The shortest run in seconds that is not worth a word about time left.
  private static let silentSeconds = 2.0

  func run() throws {
    try reportingFailures {
      let set = try kernelSet()
      let fingerprint: Fingerprint
      let available: [Int]
      do throws(HostError) {
        fingerprint = try Fingerprint.current(limitedTo: ForcedInstructionSet.name)
        available = try Cores.available()
      } catch { throw CommandFailure.broken(error) }
      guard (1...available.count).contains(threads) else {
        throw CommandFailure.usage(
          "--threads: expected 1…\(available.count), the cores this process may use, "
            + "found \(threads)")
      }
      let caches = CacheSizes(l2: fingerprint.caches["L2"], l3: fingerprint.caches["L3"])
      let rows = try rows(caches)
      let seconds = try seconds(rows.count)
      let display = ProgressDisplay(
        style: ProgressDisplay.suitable(
          quiet: quiet || seconds <= Self.silentSeconds, noProgress: noProgress))
      let run = BenchmarkRun(
        rows, set: set, caches: caches, cores: Array(available.prefix(threads)), seconds: seconds)
      let report: KernelReport
      do throws(BenchmarkError) {
        report = try run.measure(tool: QuantGate.version, fingerprint: fingerprint) {
          display.show($0.activity, fraction: $0.fraction, secondsLeft: $0.secondsLeft)
        }
      } catch {
        display.finish()
        throw CommandFailure.broken(error)
      }
      display.finish()
      Terminal.print(try text(report))
    }
  }

  private func kernelSet() throws(CommandFailure) -> KernelSet {
    let chosen = try isa.map { (name) throws(CommandFailure) in
      try InstructionSet(name, givenBy: "--isa")
    }
    guard let set = KernelSet(named: (chosen ?? .best).rawValue) else {
      throw .broken("the kernels of \(chosen ?? .best) are not there")
    }
    return set
  }

  private func rows(_ caches: CacheSizes) throws(CommandFailure) -> [any Benchmark] {
    var rows = BenchmarkCatalog.rows(caches)
    for pattern in filter {
      guard let expression = try? Regex(pattern) else {
        throw .usage("--filter: '\(pattern)' is not a regular expression")
      }
      // Shapes match as they are printed and as they are typed.
      rows = rows.filter { row in
        [row.label, row.label.replacing("×", with: "x"), row.family.rawValue].contains {
          $0.firstMatch(of: expression) != nil
        }
      }
    }
    guard !rows.isEmpty else {
      let names = Set(BenchmarkCatalog.rows(caches).map(\.name)).sorted()
      throw .usage("--filter: no row is left; the kernels are \(names.joined(separator: ", "))")
    }
    return rows
  }

  private func seconds(_ rows: Int) throws(CommandFailure) -> Double {
    let seconds = time ?? min(70, 2.5 * Double(rows))
    guard seconds > 0, seconds <= 86_400 else {
      throw .usage("--time: expected seconds above 0 and up to a day, found \(seconds)")
    }
    return seconds
  }

  private func text(_ report: KernelReport) throws(CommandFailure) -> String {
    switch format {
    case .text: return KernelTable(width: Terminal.columns(of: STDOUT_FILENO)).text(report)
    case .markdown: return KernelTable(width: Terminal.logColumns).markdown(report)
    case .json:
      do {
        return String(
          decoding: try DocumentFile.encode(report, file: "the report"), as: UTF8.self)
      } catch { throw .broken(error) }
    }
  }
}
