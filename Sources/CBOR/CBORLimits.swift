/// How much a decoder is willing to take on. What a length or a count may claim is bounded by the
/// input itself and needs no number here: each claimed byte or item must still fit behind it.
package struct CBORLimits: Hashable, Sendable {
  /// Arrays, maps and tags that may be open inside each other.
  package var depthMax: Int
  /// Items that trees built by `CBORDecoder.value()` may hold, per decoder: one byte of input can
  /// become some fifty bytes of tree.
  package var treeItemsMax: Int

  package init(depthMax: Int = 32, treeItemsMax: Int = 1 << 20) {
    self.depthMax = depthMax
    self.treeItemsMax = treeItemsMax
  }

  /// 32 levels, 1,048,576 items.
  package static let standard = CBORLimits()
}
