extension Page {
  package var isEmpty: Bool { compartments.isEmpty && items.isEmpty }

  /// All of it, whatever its size. More than `SyncLimits.changesPerPageMax` items, or contexts
  /// beyond their limit, are a programmer error: `PageBuilder` stops before them.
  package func encoded() -> EncodedPage {
    var builder = PageBuilder()
    for compartment in compartments {
      let fits = builder.append(describing: compartment)
      precondition(fits, "a page beyond its limits")
    }
    for item in items {
      let fits = builder.append(item)
      precondition(fits, "a page beyond its limits")
    }
    return builder.finish()
  }
}
