/// Splits a compile command as a POSIX shell splits words, without expanding anything.
///
/// Quotes and backslashes work as in `sh`; `$`, `*` and `~` stand for themselves, because text from
/// a compilation database reaches no shell.
public enum ShellWords {
  /// The words of a command line; an unclosed quote ends with the text.
  public static func split(_ text: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var characters = text.makeIterator()
    while let c = characters.next() {
      switch (quote, c) {
      case ("'", "'"), ("\"", "\""): quote = nil
      case ("'", _): word?.append(c)
      case ("\"", "\\"):
        guard let next = characters.next() else { break }
        if !"\"\\$`".contains(next) { word?.append("\\") }
        word?.append(next)
      case ("\"", _): word?.append(c)
      case (_, "'"), (_, "\""):
        quote = c
        word = word ?? ""
      case (_, "\\"):
        guard let next = characters.next(), next != "\n" else { break }
        word = (word ?? "") + String(next)
      case (_, let c) where c.isWhitespace:
        if let finished = word { words.append(finished) }
        word = nil
      default: word = (word ?? "") + String(c)
      }
    }
    if let word { words.append(word) }
    return words
  }
}
