public import Engines
import Execution
import Foundation
import Host
public import Quantization

/// The life of a worker process: `quantgate worker` reads a job from its standard input, works, and
/// reports on its standard output.
public enum Worker {
  /// Reads the job, does it and reports.
  ///
  /// - Parameters:
  ///   - engine: What runs the model.
  ///   - input: Where the job is read from, to the end.
  ///   - output: Where messages go; nothing else may write there.
  ///   - resolve: Turns the job's scenario file and case id into data in memory, from the files alone.
  /// - Returns: The exit code: 0 with a result, 1 when the worker refused.
  public static func run<E: Engine>(
    engine: E, input: Int32 = 0, output: Int32 = 1,
    resolve: (WorkerJob) throws -> CaseMaterials
  ) -> Int32 where E.Model == FloatModel {
    let job: WorkerJob
    do {
      job = try read(from: input)
    } catch {
      WorkerReporter(descriptor: output, fault: nil).refuse(error.description)
      return 1
    }
    let reporter = WorkerReporter(descriptor: output, fault: job.fault)
    do {
      try prepareProcess(job, output: output)
      reporter.enter(.start)
      reporter.enter(.resolve)
      let materials = try materials(for: job, resolve)
      if let fault = job.fault {
        let broken = FaultyEngine(engine, fault: fault)
        try reporter.finish(product(job, materials, CaseRun(broken, job, materials, reporter)))
      } else {
        try reporter.finish(product(job, materials, CaseRun(engine, job, materials, reporter)))
      }
      return 0
    } catch {
      reporter.refuse(error.description)
      return 1
    }
  }

  private static func read(from descriptor: Int32) throws(MeasuringError) -> WorkerJob {
    do {
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
      return try JSONDecoder().decode(WorkerJob.self, from: handle.readToEnd() ?? Data())
    } catch {
      throw .malformed(what: "job", reason: "\(error)")
    }
  }

  /// Binds the process to its supervisor and proves that allocations are counted.
  private static func prepareProcess(_ job: WorkerJob, output: Int32) throws(MeasuringError) {
    do {
      try ProcessLimits.dieWithParent(job.supervisor)
      try ProcessLimits.disableCoreFiles()
      try Allocator.proveInterposition()
      Allocator.reportExhaustion(to: output)
    } catch {
      throw .host(error)
    }
  }

  private static func materials(
    for job: WorkerJob, _ resolve: (WorkerJob) throws -> CaseMaterials
  ) throws(MeasuringError) -> CaseMaterials {
    let materials: CaseMaterials
    do {
      materials = try resolve(job)
    } catch {
      throw .materials("\(error)")
    }
    guard materials.planDigest == job.planDigest else {
      throw .planChanged(expected: job.planDigest, found: materials.planDigest)
    }
    try materials.validate()
    return materials
  }

  private static func product<E: Engine>(
    _ job: WorkerJob, _ materials: CaseMaterials, _ run: CaseRun<E>
  ) throws(MeasuringError) -> WorkerProduct {
    var product = WorkerProduct()
    product.fault = job.fault
    switch job.role {
    case .quality: product.quality = try run.quality()
    case .memory: product.memory = try run.memory()
    case .calibrate: product.schedule = try run.calibrate()
    case .time:
      guard let schedule = job.schedule else {
        throw .malformed(what: "job", reason: "a timing process needs a schedule")
      }
      product.timing = try run.time(schedule)
    }
    return product
  }
}
