import Foundation

// Foundation's functions under names that no import of a test can make ambiguous.
func logarithm(_ x: Double) -> Double { log(x) }
func exponential(_ x: Double) -> Double { exp(x) }
