import ClangBindings

/// The library that C is parsed with.
public enum ParserLibrary {
  /// Its name and version, as it tells them.
  public static var version: String { Index.version }
}
