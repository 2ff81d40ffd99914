/// Why L7 does not prove a pair. It never says that the pair is wrong.
struct Unproved: Error, Hashable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}
