/// What pages fetch besides themselves.
package enum PageAssets {
  package static let styleSheet = PackageResources.pages_css
}
