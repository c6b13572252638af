import Foundation
import Scenarios
import TestSupport

/// A small repository that tests damage: one architecture, two schemes, one hardware profile.
struct SampleRepository {
  let folder: TemporaryFolder

  static let scenario = """
    scenario: sample
    architectures: [tiny]
    schemes: [fp32, int8]
    hardware: [one]
    data:
      dataset: applicants
      calibrate: { split: calibrate, samples: 16 }
      evaluate: { split: evaluate, samples: 64 }
      slices: [group]
    measure: { budget: 2 s, processes: 4, warmup: { at_most: 0.1 s } }
    gates:
      accuracy.top1: { against_float: -1.0 pp, against_baseline: 0 }
      latency.intrinsic_spikes: { at_most: 0.2 %, more: 0.1 pp }
      memory.peak_allocated: { more: 1 KiB }
    """

  init() throws {
    folder = try TemporaryFolder()
    try write("Scenarios/sample.yaml", Self.scenario)
    try write(
      "Scenarios/architectures/tiny.yaml",
      """
      architecture: tiny
      family: mlp
      input: [16]
      layers:
        - { layer: linear, name: head, features: 2 }
      weights: ../models/tiny.safetensors
      """)
    try write(
      "Scenarios/schemes/fp32.yaml",
      "scheme: fp32\nweights: { format: fp32 }\nactivations: { format: fp32 }\n")
    try write(
      "Scenarios/schemes/int8.yaml",
      """
      scheme: int8
      weights: { format: int8, granularity: channel, symmetric: true }
      activations: { format: int8, granularity: per_tensor, mode: static }
      calibration: { observer: min_max }
      """)
    try write("Scenarios/hardware/one.yaml", "hardware: one\nthreads: 1\n")
    try write("Scenarios/datasets/applicants.yaml", "dataset: applicants\nkind: applicants\n")
  }

  func write(_ path: String, _ text: String) throws {
    try folder.write(text, to: path)
  }

  /// Rewrites a part of a file.
  func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOf: folder.url.appendingPathComponent(path), encoding: .utf8)
    precondition(text.contains(old), "\(path) does not hold '\(old)'")
    try write(path, text.replacingOccurrences(of: old, with: new))
  }

  func plan(_ selection: PlanSelection = PlanSelection()) throws -> Plan {
    try Plan(try Repository(root: folder.url.path), selection)
  }

  /// The lines of the error that planning ends with; empty when there is a plan.
  func mistakes(_ selection: PlanSelection = PlanSelection()) throws -> [String] {
    do {
      _ = try plan(selection)
      return []
    } catch let error as PlanError {
      return error.description.split(separator: "\n").map(String.init)
    }
  }
}
