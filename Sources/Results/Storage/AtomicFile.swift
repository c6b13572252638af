package import Foundation
import Glibc

/// Replaces a file in one step: a temporary file in the same folder, `fsync`, `rename`, `fsync` of the
/// folder. A full disk leaves the old file as it was and no temporary file behind.
package enum AtomicFile {
  /// The system calls that can fail for want of space, so that tests can let them.
  package struct System: Sendable {
    package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int
    package var synchronize: @Sendable (Int32) -> Int32
    package var rename: @Sendable (String, String) -> Int32

    package init(
      write: @escaping @Sendable (Int32, UnsafeRawBufferPointer) -> Int = {
        Glibc.write($0, $1.baseAddress, $1.count)
      },
      synchronize: @escaping @Sendable (Int32) -> Int32 = { Glibc.fsync($0) },
      rename: @escaping @Sendable (String, String) -> Int32 = { Glibc.rename($0, $1) }
    ) {
      self.write = write
      self.synchronize = synchronize
      self.rename = rename
    }
  }

  /// Writes `bytes` to `url`; `name` names the file in errors.
  package static func write(
    _ bytes: [UInt8], to url: URL, named name: String, system: System = System()
  ) throws(ResultsError) {
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .notWritten(file: name, reason: "its folder: \(error.localizedDescription)")
    }
    let temporary = folder.appendingPathComponent(
      ".\(url.lastPathComponent).\(getpid())-\(UInt32.random(in: 0 ... .max))"
    ).path
    do throws(CallFailed) {
      try fill(temporary, with: bytes, system: system)
      guard system.rename(temporary, url.path) == 0 else { throw CallFailed("rename") }
    } catch {
      unlink(temporary)
      throw .notWritten(file: name, reason: error.description)
    }
    // The new content is in place; only its survival of a power cut depends on this.
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 {
      _ = system.synchronize(descriptor)
      close(descriptor)
    }
  }

  private static func fill(
    _ path: String, with bytes: [UInt8], system: System
  ) throws(CallFailed) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CallFailed("open") }
    var failure: CallFailed?
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count, failure == nil {
        let count = system.write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[written...]))
        if count > 0 {
          written += count
        } else if errno != EINTR {
          failure = CallFailed("write")
        }
      }
    }
    if failure == nil, system.synchronize(descriptor) != 0 { failure = CallFailed("fsync") }
    if close(descriptor) != 0, failure == nil { failure = CallFailed("close") }
    if let failure { throw failure }
  }

  private struct CallFailed: Error, CustomStringConvertible {
    let description: String

    init(_ call: String) {
      description = "\(call): \(String(cString: strerror(errno)))"
    }
  }
}
