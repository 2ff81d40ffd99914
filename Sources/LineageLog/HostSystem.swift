#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Waits ten milliseconds, for something that another process does.
func pause() {
  // A signal may cut it short, which does no harm: the caller looks again.
  _ = usleep(10_000)
}

/// The name of this machine, as the system itself knows it: no name server is asked.
func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
  return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
