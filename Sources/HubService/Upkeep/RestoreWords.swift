/// What an operator does after a restore, in order.
struct RestoreWords {
  let folder: String
  let waiting: Int
  let unheard: Int
  let isPolicyComplete: Bool
  let auditBrokenLine: UInt64?
  /// Where the old database was put.
  let replaced: String?

  var next: [String] {
    var sentences = [
      "Serve it: cafsync hub serve --folder \(folder). Devices come by themselves, and give back "
        + "what the backup lacks."
    ]
    if let auditBrokenLine {
      sentences.insert(OperatorWords.auditChanged(atLine: auditBrokenLine), at: 0)
    }
    if !isPolicyComplete {
      sentences += [
        "It is not proven that the policy journal holds every decision of before, so \(waiting) "
          + "compartments are let out only when each of \(unheard) devices that may know of a "
          + "withdrawal has been heard. `cafsync hub status` counts what waits.",
        "Record again what the operator decided since the backup: erasures, ended agreements. "
          + "Agencies' own decisions come back from their devices.",
        "Report devices that will not come any more: cafsync hub revoke-device. Only when you can "
          + "vouch that no withdrawal is missing: cafsync hub finish-recovery.",
      ]
    } else {
      sentences.append(
        "The policy journal is complete: nothing that was withdrawn or erased can come out again.")
    }
    sentences.append(
      "Operators and closed reports are in no backup. Put back operators and reports of the old "
        + "folder if you have them; else add the operators anew (cafsync hub operator add), and "
        + "remember that the next report counts again what the lost ones have counted.")
    sentences.append(
      "Make new enrolment codes where one was read out and not used. Look with cafsync hub check, "
        + "and back up again.")
    if let replaced {
      sentences.append(
        "The database that was there is in \(replaced). Destroy it (shred) when the hub is well: "
          + "it holds what has been erased since.")
    }
    return sentences
  }
}
