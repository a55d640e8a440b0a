import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine

// What the law allows or demands without the family's consent: disclosure on a recorded ground, and
// whereabouts that are kept from everyone but a few.
extension Replica {
  /// A lawful disclosure without consent. It names who decided and why, and it always ends.
  func overrideAdd(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let categories = try categories(try input.list("categories"))
    let recipients = Set(try input.list("agencies").map { try agency($0) })
    let reason = try input.text("reason")
    let decidedBy = try input.text("decidedBy")
    let until = try input.end("until")
    let significantHarm = input.flag("significantHarm")
    let authorisedRole = input.flag("authorisedRole")
    let isPreview = input.flag("preview")
    let previewed = input.previewed()
    let author = isPreview ? nil : try author(input)
    if isPreview { _ = try input.text("as") }
    try input.finish()
    guard !categories.isEmpty else {
      throw OperationError(.usage, "Say what is disclosed: at least one part.", field: "categories")
    }
    guard !recipients.isEmpty else {
      throw OperationError(.usage, "Say to whom: name the agencies.", field: "agencies")
    }
    guard let until, until > now else {
      throw OperationError(
        .usage,
        "A disclosure without consent has an end: say its last day, or a moment as "
          + "YYYY-MM-DDThh:mm, in the future.", field: "until")
    }
    let needed: [(CaseRecords.Category, Bool, String, String)] = [
      (.sensitive, significantHarm, "suspected significant harm", "significantHarm"),
      (.whereabouts, authorisedRole, "a decision by an authorised role", "authorisedRole"),
    ]
    for (category, isGiven, ground, field) in needed where categories.contains(category) && !isGiven
    {
      throw OperationError(
        .refused,
        "“\(PlainWords.part(category))” is disclosed without consent only upon \(ground): say so.",
        field: field)
    }
    let grounds = [
      ("reason", reason, "An override says why: on what ground."),
      ("decidedBy", decidedBy, "An override says who decided."),
    ]
    let problems = grounds.filter { $0.1 == nil }.map {
      OperationError(.usage, $0.2, field: $0.0)
    }
    if !isPreview, let first = problems.first { throw first }
    let terms = OverrideTerms(
      categories: Set(categories), recipients: recipients, reason: reason ?? "",
      decidedBy: decidedBy ?? "", untilMilliseconds: until, significantHarm: significantHarm,
      authorisedRole: authorisedRole)
    let preview = try preview(child, with: [.override(terms)])
    guard let author else {
      var answer = preview.members(
        "Preview: nothing is recorded. By this override they will be given:")
      answer["child"] = .string(child.text)
      answer["name"] = .string(try childName(child))
      answer["problems"] = .array(
        problems.map { ["field": .string($0.field ?? ""), "sentence": .string($0.sentence)] })
      return .object(answer)
    }
    try check(previewed, preview, names: recipients)
    let entry = try record(.override(terms), about: child, author: author)
    return [
      "sentence": .string(
        "The override is recorded until \(until.momentText), and goes to the hub with the next "
          + "exchange. Other agencies that hold an index entry of the child are told that there is "
          + "one. It cannot be taken back before its end."),
      "entry": .string(entry.id.text), "receives": .array(preview.receives),
    ]
  }

  /// Whereabouts are hidden from everyone but the named, at once and until it is lifted.
  func shield(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let named = Set(try input.list("agencies").map { try agency($0) })
    let review = try input.date("review")
    let isPreview = input.flag("preview")
    let previewed = input.previewed()
    let author = isPreview ? nil : try author(input)
    if isPreview { _ = try input.text("as") }
    try input.finish()
    guard let review, review >= today else {
      throw OperationError(
        .usage, "A shield is reviewed: say on which day, today or later.", field: "review")
    }
    // Whoever shields has seen the whereabouts, and has to go on working with them.
    let allowed = named.union([agency])
    let kind = PolicyKind.shield(
      allowed: allowed, reviewOnMilliseconds: review.startMilliseconds)
    let preview = try preview(child, with: [kind])
    guard let author else {
      var answer = preview.members("Preview: nothing is recorded. What they may have after this:")
      answer["child"] = .string(child.text)
      answer["name"] = .string(try childName(child))
      return .object(answer)
    }
    try check(previewed, preview, names: allowed)
    let entry = try record(kind, about: child, author: author)
    let names = try allowed.map { try name(of: $0) }.sorted().joined(separator: ", ")
    return [
      "sentence": .string(
        "The whereabouts are shielded. Beside the agencies whose own record they are, only these "
          + "may hold them: \(names). Whoever else has a copy is told to destroy it. To be "
          + "reviewed on \(review.text)."),
      "entry": .string(entry.id.text),
    ]
  }

  /// Lifts the shields that stand, or one of them.
  func unshield(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let beginning = try input.text("entry")
    let author = try author(input)
    try input.finish()
    let standing = try standingShields(of: child)
    let chosen = standing.filter { beginning.map($0.text.hasPrefix) ?? true }
    guard !chosen.isEmpty else {
      throw OperationError(
        .failure,
        standing.isEmpty
          ? "No shield stands here for this child, as of \(now.momentText)."
          : "No standing shield begins with that: "
            + standing.map { String($0.text.prefix(8)) }.joined(separator: ", ") + ".")
    }
    for id in chosen { _ = try record(.unshield(id), about: child, author: author) }
    let rest = standing.count - chosen.count
    return [
      "sentence": .string(
        "Recorded: \(chosen.count) lifted"
          + (rest == 0 ? "; consent alone decides again." : ", \(rest) still standing."))
    ]
  }

  func standingShields(of child: ChildID) throws -> [PolicyID] {
    let entries = try knownPolicy(of: child).map(\.entry)
    let lifted = Set(
      entries.compactMap { entry -> PolicyID? in
        if case .unshield(let id) = entry.kind { return id }
        return nil
      })
    return entries.filter { entry in
      if case .shield = entry.kind { return !lifted.contains(entry.id) }
      return false
    }.map(\.id).sorted()
  }
}

extension CalendarDate {
  /// The first moment of the day, in milliseconds since 1970; days before count as that one.
  var startMilliseconds: UInt64 { UInt64(max(daysSince1970, 0)) * 86_400_000 }
}

extension OperationInput {
  /// The moment at which something ends: given as the last day on which it holds, or as a moment
  /// `2007-04-30T18:00` (UTC; seconds and a Z may follow).
  func end(_ name: String) throws(OperationError) -> UInt64? {
    guard let text = try text(name) else { return nil }
    if let day = CalendarDate(text) { return day.adding(days: 1)?.startMilliseconds }
    let match = text.wholeMatch(
      of: #/(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?Z?/#)
    guard let match, let day = CalendarDate(String(match.1)), let hours = UInt64(match.2),
      let minutes = UInt64(match.3)
    else {
      throw OperationError(
        .usage,
        "“\(name)” should be a date (2007-04-30: that day included) or a moment in UTC "
          + "(2007-04-30T18:00).", field: name)
    }
    let seconds = match.4.flatMap { UInt64($0) } ?? 0
    return day.startMilliseconds + (hours * 3_600 + minutes * 60 + seconds) * 1_000
  }
}
