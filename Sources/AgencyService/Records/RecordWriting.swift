import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension Replica {
  /// Saves what was typed into a form. `values` holds the fields as `group.field`, `was` what the
  /// form had shown of each group, `seen` the token that it came with.
  ///
  /// Of each group one of three things is true. Its text is what the form had shown: it is not
  /// written. Or what stands here is what the form had shown: its author has seen it, and replaces
  /// it. Or somebody else has written meanwhile: both stand, until a person chooses.
  func recordWrite(_ input: OperationInput) throws -> JSON {
    let author = try author(input)
    let values = try Self.texts(input.json("values"))
    let was = try Self.texts(input.json("was"))
    let token = try input.text("seen").map { try SeenToken(text: $0) }
    if let token, try !isShown(token.compartment) {
      return try setApart(input, values, was: was, token: token, author: author)
    }
    let place = try recordPlace(input)
    try input.finish()
    guard token.map({ $0.compartment == place.compartment.id }) ?? true else {
      throw OperationError(.usage, "The form is of another part of the record: load it again.")
    }
    var seenNow = Draft(place.compartment)
    var seenThen = Draft(place.compartment)
    let typed = try typedGroups(values, was: was, of: place)
    guard !typed.isEmpty else { return try written(place, token: token, before: nil) }
    let presets = place.content == nil ? try presets(of: place, author: author) : [:]
    for (group, value) in typed {
      let value = value.completed(with: presets[group.name])
      if try isSeen(group, as: was, in: place.content) {
        seenNow.replace(place.record, place.schema.kind, group.name, value)
      } else {
        seenThen.replace(place.record, place.schema.kind, group.name, value)
      }
    }
    prepare(&seenNow, of: place, typed: Set(typed.map(\.group.name)), presets)
    let before = place.stored?.vector
    try save([(seenNow, nil), (seenThen, token?.vector ?? VersionVector())], author: author)
    let answer = try written(place, token: token, before: before)
    let warnings = seenNow.warnings + seenThen.warnings
    return warnings.isEmpty
      ? answer : answer.with("warnings", .array(warnings.map { .string($0) }))
  }

  /// The groups whose text is another one than the form had shown, each with its new value.
  private func typedGroups(
    _ values: [String: String], was: [String: String], of place: RecordPlace
  ) throws -> [(group: FieldGroup, value: GroupValue)] {
    var known = Set<String>()
    var typed: [(group: FieldGroup, value: GroupValue)] = []
    for group in place.schema.typedGroups {
      let fields = group.typedFields.filter { values["\(group.name).\($0.name)"] != nil }
      known.formUnion(group.typedFields.map { "\(group.name).\($0.name)" })
      guard !fields.isEmpty else { continue }
      let value = self.typed(values, into: try Self.single(place.content, group.name), of: group)
      let shown = was[group.name] ?? FormField.digest(GroupValue(), of: group)
      if FormField.digest(value, of: group) != shown { typed.append((group, value)) }
    }
    if let stranger = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw OperationError(.usage, "“\(stranger)” is no field of this form: load it again.")
    }
    return typed
  }

  /// What stands in a group, with the fields that were typed.
  func typed(
    _ values: [String: String], into standing: GroupValue, of group: FieldGroup
  ) -> GroupValue {
    var value = standing
    for field in group.typedFields {
      guard let text = values["\(group.name).\(field.name)"] else { continue }
      value = value.setting(field.name, item: FormField.item(text, field.type))
    }
    if group.field("estimatedOn") != nil {
      let isGuess = value["estimatedAge"] != nil
      value = value.setting("estimatedOn", isGuess ? value.date("estimatedOn") ?? today : nil)
    }
    return value
  }

  /// Whether the author has been shown what stands in this group now.
  private func isSeen(
    _ group: FieldGroup, as was: [String: String], in content: RecordContent?
  ) throws -> Bool {
    if content?.groups[group.name]?.isUndecided ?? false { return false }
    return FormField.digest(try Self.single(content, group.name), of: group)
      == was[group.name] ?? FormField.digest(GroupValue(), of: group)
  }

  /// A new record says what it belongs to, and a section that is written in has been started.
  private func prepare(
    _ draft: inout Draft, of place: RecordPlace, typed: Set<String>,
    _ presets: [String: GroupValue]
  ) {
    if place.content == nil {
      draft.create(place.record, place.schema.kind)
      for (group, value) in presets.sorted(by: { $0.key < $1.key }) where !typed.contains(group) {
        draft.set(place.record, place.schema.kind, group, value)
      }
    }
    guard place.schema.kind == "element", !typed.contains("state") else { return }
    let state = place.content?.values("state").compactMap { $0.text("state") } ?? []
    if state.isEmpty || state == ["untouched"] {
      draft.set(place.record, "element", "state", .one("state", "started"))
    }
  }

  /// What the form needs to go on: what it now shows of each group, and what its author has seen.
  private func written(
    _ place: RecordPlace, token: SeenToken?, before: VersionVector?
  ) throws -> JSON {
    guard let stored = try store.compartment(place.compartment.id) else {
      return ["sentence": "Nothing was typed: nothing is saved.", "record": .null]
    }
    let content = try store.content(of: stored).records[place.record]
    var was = JSON.Object()
    var undecided: [JSON] = []
    for group in place.schema.typedGroups {
      was[group.name] = .string(
        FormField.digest(try Self.single(content, group.name), of: group))
      if content?.groups[group.name]?.isUndecided == true { undecided.append(.string(group.name)) }
    }
    let actor = try store.hold(stored.number)?.actor
    let seen = token.map { token in
      token.followed(by: actor, before: before, after: stored.vector)
    }
    return [
      "record": .string(place.record.text), "was": .object(was), "undecided": .array(undecided),
      "seen": .string((seen ?? SeenToken(stored)).text),
      "state": .string(try standing(of: stored).words),
      "sentence": .string(
        (before == nil && token != nil
          // Usually the page has saved it already, while it was typed.
          ? "Everything typed here is saved on this device." : "Saved on this device.")
          + (undecided.isEmpty
            ? ""
            : " Somebody else wrote here at the same time. Both texts are kept: see Conflicts.")),
    ]
  }

  /// Withdrawn, or purged, while the form was open: what was typed is set apart, and its author is
  /// told where.
  private func setApart(
    _ input: OperationInput, _ values: [String: String], was: [String: String], token: SeenToken,
    author: PractitionerID
  ) throws -> JSON {
    let kind = try input.required("kind")
    guard let schema = SchemaRegistry.standard.schema(kind),
      let record = try input.text("record").flatMap({ RecordID(text: $0) })
    else { throw OperationError(.usage, "Say which record, as the form did.") }
    for name in ["child", "caf", "element", "meeting", "category"] { _ = try input.text(name) }
    try input.finish()
    var writes: [Write] = []
    for group in schema.typedGroups {
      var value = GroupValue()
      for field in group.typedFields {
        let text = values["\(group.name).\(field.name)"] ?? ""
        value = value.setting(field.name, item: FormField.item(text, field.type))
      }
      if !value.isBlank, FormField.digest(value, of: group) != was[group.name] {
        writes.append(
          Write(record: record, kind: kind, group: group.name, value: value.encoded()))
      }
    }
    if !writes.isEmpty {
      let draft = ChangeDraft(
        to: .existing(token.compartment), writes: writes, seen: token.vector)
      do {
        _ = try engine.save([draft], author: author, now: now)
      } catch AgencyError.revoked, AgencyError.notHeld {
        throw OperationError(
          .refused,
          "Consent for this part was withdrawn, or it was removed from here. What you typed is not "
            + "lost: it is set apart, under Sync.")
      }
      try invalidate(changed: [token.compartment])
      throw OperationError(
        .refused,
        "What you typed is saved, and goes to the hub. It is not shown: this device has not heard "
          + "from the hub for too long.")
    }
    throw OperationError(.refused, "This part may not be shown here any more. Nothing was typed.")
  }

  /// Removes a record; it can be brought back, and removing it while somebody edits it is a
  /// conflict like any other.
  func recordRemove(_ input: OperationInput) throws -> JSON {
    let author = try author(input)
    let isRestoring = input.flag("undo")
    let place = try recordPlace(input)
    try input.finish()
    guard place.content != nil else {
      throw OperationError(.failure, "There is no such record here.")
    }
    guard !["child", "element", "assessment"].contains(place.schema.kind) else {
      throw OperationError(
        .refused, "This is not removed: clear its boxes, or close the CAF with its reason.")
    }
    var draft = Draft(place.compartment)
    draft.replace(
      place.record, place.schema.kind, "life", GroupValue.life(isPresent: isRestoring))
    try save(draft, author: author)
    return ["sentence": .string(isRestoring ? "Brought back." : "Removed. It can be brought back.")]
  }

  // MARK: Parts of it

  private func isShown(_ compartment: CompartmentID) throws -> Bool {
    try store.compartment(compartment).map { try isShown($0) } ?? false
  }

  /// The value that a form shows of a group: the only one, or the first of several.
  private static func single(_ content: RecordContent?, _ group: String) throws -> GroupValue {
    guard let first = content?.groups[group]?.siblings.first else { return GroupValue() }
    return try GroupValue(encoded: first.value.value)
  }

  static func texts(_ json: JSON?) throws(OperationError) -> [String: String] {
    guard let json, json != .null else { return [:] }
    guard case .object(let object) = json else {
      throw OperationError(.usage, "The fields of a form should be one JSON object.")
    }
    var texts: [String: String] = [:]
    for (name, value) in object.members {
      guard let text = value.stringValue else {
        throw OperationError(.usage, "“\(name)” should be a text.")
      }
      texts[name] = text
    }
    return texts
  }
}

extension GroupValue {
  /// With the fields that nobody types.
  fileprivate func completed(with preset: GroupValue?) -> GroupValue {
    (preset?.fields ?? [:]).reduce(self) { value, field in
      value[field.key] == nil ? value.setting(field.key, item: field.value) : value
    }
  }
}

extension SeenToken {
  /// With the form's own write, unless another one of this device came between that the form has
  /// not shown.
  fileprivate func followed(
    by actor: Actor?, before: VersionVector?, after: VersionVector
  ) -> SeenToken {
    guard let actor, let before, before[actor] <= vector[actor] else { return self }
    var vector = vector
    vector.merge(VersionVector([actor: after[actor]]))
    return SeenToken(compartment: compartment, vector: vector)
  }
}
