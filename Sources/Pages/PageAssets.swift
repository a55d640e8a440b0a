/// What pages fetch besides themselves.
package enum PageAssets {
  package static let styleSheet = PackageResources.pages_css
  /// Saves while somebody types, and keeps what a page says of sync true. Every page does without.
  package static let script = PackageResources.pages_js
}
