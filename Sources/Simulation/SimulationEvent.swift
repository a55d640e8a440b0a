/// One thing that happens. Numbers pick from what there is when it happens, modulo its count, so an
/// event means something in any history; one below zero picks from the end.
indirect enum SimulationEvent: Hashable, Sendable {
  /// The device that was cloned last, if any was.
  static let newest = -1

  // People
  /// Saves into some compartment that the device holds.
  case write(device: Int, compartment: Int, group: Int, form: Form, size: Size)
  /// Saves into what the device holds of one record.
  case add(device: Int, to: Record, group: Int, form: Form, size: Size)
  /// A person looks at a record, and will save later what they saw now.
  case openForm(device: Int, compartment: Int)
  /// Begins the agency's own record of a category, or writes into it.
  case begin(device: Int, child: Int, category: Int)
  /// Records who works with the child.
  case fact(device: Int, child: Int, kind: Fact, agency: Int)
  case enquire(device: Int, child: Int)
  case policy(device: Int, child: Int, kind: PolicyChoice)
  /// About so many children of whom nobody else has heard.
  case decisions(device: Int, count: Int)

  // The line
  case exchange(device: Int, fault: LineFault)
  /// Several exchanges in one transaction of the hub.
  case batch(first: Int, count: Int, crash: Bool)
  /// Until the device has nothing more to do.
  case sync(device: Int)
  /// What was held up on the line arrives.
  case late(message: Int)
  case cut(device: Int, requests: Bool, replies: Bool)
  /// The line is so bad, or so good, that pages have this size.
  case page(device: Int, bytes: Int)

  // Machines
  /// Restarts, at once or at the k-th commit from now.
  case crash(device: Int, afterCommits: Int?)
  case lockKeys(device: Int)
  case clone(device: Int)
  case keepCopy(device: Int)
  case restore(device: Int)
  case leave(device: Int)
  case comeBack(device: Int)
  case clock(device: Int, milliseconds: Int64)
  case pass(milliseconds: UInt64)
  case reportLost(device: Int)

  // The hub
  case hubCrash(afterCommits: Int?)
  case hubBackup
  case hubRestore(journalKept: Bool)
  case agreement(agency: Int, isLocked: Bool)
  case operatorErase(child: Int)
  /// That no withdrawal is missing, though somebody has not been heard since the restore.
  case operatorVouches

  /// Happens in the second of two worlds only (see `TwoWorlds`).
  case hidden(SimulationEvent)

  /// What an agency keeps of a child in one category.
  struct Record: Hashable, Sendable {
    let child: Int
    let category: Int
    let custodian: Int
  }

  enum Form: Hashable, Sendable, CaseIterable { case current, opened, blank }
  /// Of the huge ones two fit into a page of the usual size.
  enum Size: Hashable, Sendable, CaseIterable { case short, long, huge }
  enum Fact: Hashable, Sendable, CaseIterable { case involved, lead, owner, member, name }

  enum LineFault: Hashable, Sendable {
    case none
    case requestLost, replyLost
    /// Of a thousand.
    case requestCut(Int), replyCut(Int)
    case requestTwice(firstAnswers: Bool)
    /// A copy of the request that lacks one item of its page comes before it: another program has
    /// this device's credential, and a mistake in it.
    case requestMangled(dropped: Int)
    /// The device's program has a mistake, of which the device does not know.
    case mistake(Mistake, pick: Int)
    /// The device gives up; the request arrives later, and perhaps its reply is heard as well.
    case requestLate, replyLate
    /// The device is killed when the hub has answered.
    case deviceDies
    /// The hub is killed before its commit.
    case hubDies
  }

  enum Mistake: Hashable, Sendable {
    case itemForgotten, policyForgotten
    /// A change claims to have seen what its author was never sent.
    case contextWidened
    /// It lists more than there is, and has its sum wrong, so that it is asked for the list.
    case holdingsWidened
  }

  /// What a family, or the law, decides. `reach` and `scope` pick agencies and categories.
  enum PolicyChoice: Hashable, Sendable {
    case keep(scope: Int, knowing: Bool, hours: Int?)
    case share(scope: Int, reach: Int, knowing: Bool, excluding: Bool, hours: Int?)
    case withdraw(scope: Int, reach: Int)
    case withdrawKeeping(scope: Int)
    case refuse(scope: Int, reach: Int)
    case override(scope: Int, reach: Int, hours: Int)
    case shield(reach: Int)
    case unshield
    case alias(other: Int)
    case unalias
    case erase
  }
}
