/// Which version of the program this is: what `--version` prints, and what a device tells the hub.
package enum ProgramVersion {
  package static let text = "0.1"
}
