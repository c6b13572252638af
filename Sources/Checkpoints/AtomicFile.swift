import Glibc

/// Replaces a file in one step.
enum AtomicFile {
  /// Writes `bytes` to a new file beside `file`, flushes it to the device and renames it.
  ///
  /// Readers see the old contents or the new, never a part; on failure the old file is intact and the
  /// temporary one is gone.
  ///
  /// - Throws: `CheckpointError.unwritable` with the system's reason.
  static func replace(_ file: String, with bytes: [UInt8]) throws(CheckpointError) {
    let temporary = "\(file).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(file) }
    do throws(CheckpointError) {
      defer { close(descriptor) }
      try write(bytes, to: descriptor, file: file)
      guard fsync(descriptor) == 0 else { throw failure(file) }
      guard rename(temporary, file) == 0 else { throw failure(file) }
    } catch {
      unlink(temporary)
      throw error
    }
    flushFolder(of: file)
  }

  private static func failure(_ file: String) -> CheckpointError {
    .unwritable(file: file, reason: String(cString: strerror(errno)))
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, file: String
  ) throws(CheckpointError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(file) }
      written += count
    }
  }

  /// Makes the rename itself durable. The contents are complete either way, so a file system that
  /// cannot flush folders is no error.
  private static func flushFolder(of file: String) {
    let folder = file.lastIndex(of: "/").map { file[...$0] } ?? "./"
    let descriptor = open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }
}
