/// Sentences that several answers say.
enum OperatorWords {
  static func auditChanged(atLine line: some BinaryInteger) -> String {
    "The audit log was changed at line \(line). Keep the folder as it is, and find out who had "
      + "access to it."
  }
}
