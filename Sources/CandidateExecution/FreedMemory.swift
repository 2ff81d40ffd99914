import JudgeKernels

/// What becomes of memory that this process frees.
public enum FreedMemory {
  /// Keeps it: images of calls come and go by the thousand, and every page that is given back to the
  /// system is fetched and cleared anew.
  public static func keep() { rk_keep_freed_memory() }
}
