import Glibc

/// A file mapped read-only into memory; unmapped when the value is destroyed.
///
/// The mapping is private. A file that another process cuts short while it is mapped ends this one
/// with SIGBUS, as with every memory map; QuantGate itself only ever replaces checkpoints by rename.
public struct MappedFile: ~Copyable, Sendable {
  /// What errors call it.
  public let file: String
  /// Length in bytes.
  public let count: Int
  /// The address as an integer, so that the value is `Sendable` by construction; 0 when empty.
  private let address: UInt

  /// Maps a file.
  ///
  /// - Parameters:
  ///   - path: The file in the file system.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError.unreadable` with the system's reason.
  public init(_ path: String, shownAs name: String? = nil) throws(CheckpointError) {
    let file = name ?? path
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw .unreadable(file: file, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(file: file, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(file: file, reason: "it is not a regular file")
    }
    let count = Int(status.st_size)
    var address: UInt = 0
    if count > 0 {
      let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let base, base != MAP_FAILED else {
        throw .unreadable(file: file, reason: String(cString: strerror(errno)))
      }
      address = UInt(bitPattern: base)
    }
    self.file = file
    self.count = count
    self.address = address
  }

  deinit {
    if let base = UnsafeMutableRawPointer(bitPattern: address) { munmap(base, count) }
  }

  /// Calls `body` with the file's bytes, valid only during the call.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    return try body(bytes.bytes)
  }
}
