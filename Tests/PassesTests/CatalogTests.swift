import ExperimentRecords
import Foundation
import Passes
import Testing

struct CatalogTests {
  private let renderer = CatalogRenderer(folder: TestFiles.root.appending(path: "Sources/Passes"))

  @Test func isUpToDate() throws {
    let rendered = try renderer.render()
    let stored = try? String(contentsOf: renderer.generatedFile, encoding: .utf8)
    if stored != rendered, TestFiles.updatesExpectations {
      try rendered.write(to: renderer.generatedFile, atomically: true, encoding: .utf8)
    }
    #expect(stored == rendered, "the catalog of passes is stale; refresh it with 'make catalog'")
  }

  @Test(arguments: PassCatalog.all.map(\.name))
  func documentsEveryPassInTheHouseOrder(_ name: String) throws {
    let entry = try #require(PassCatalog.entry(named: name))
    #expect(entry.summary.hasSuffix("."))
    #expect(entry.beforeAfter.contains("→"))
    #expect(!entry.legality.isEmpty)
    #expect(!entry.alsoCalled.isEmpty)
    #expect(!entry.reference.isEmpty)
    let order = ["→", "Legal iff", "Also called", "Reference"].compactMap {
      entry.documentation.range(of: $0)?.lowerBound
    }
    #expect(order.count == 4 && order == order.sorted())
  }

  @Test func namesAreUnique() {
    #expect(Set(PassCatalog.all.map(\.name)).count == PassCatalog.all.count)
  }
}
