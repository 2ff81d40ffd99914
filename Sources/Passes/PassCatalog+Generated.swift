extension PassCatalog {
  public static let all: [CatalogEntry] = []
}
