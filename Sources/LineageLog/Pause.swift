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
