import CBOR
import CaseRecords
import Causality

/// Reads the items of one message and says in each error which field it stood at.
///
/// Everything that the messages share is checked here: integers up to `SyncLimits.integerMax`,
/// lengths before anything is allocated, identifiers, names.
struct MessageReader {
  let message: MessageKind
  let input: [UInt8]
  var decoder: CBORDecoder

  /// `nesting`: how many containers may stand around a value of a record, or of an unknown key.
  init(_ message: MessageKind, _ input: [UInt8], range: Range<Int>? = nil, nesting: Int) {
    self.message = message
    self.input = input
    let limits = CBORLimits(depthMax: nesting + SyncLimits.valueDepthMax)
    decoder = CBORDecoder(input, range: range ?? input.indices, limits: limits)
  }

  func failure(_ field: StaticString, _ reason: MessageError.Reason) -> MessageError {
    MessageError(message, field: "\(field)", offset: decoder.offset, reason)
  }

  private func failure(_ field: StaticString, _ error: CBORError) -> MessageError {
    MessageError(message, field: "\(field)", offset: error.offset, .encoding(error))
  }

  func nextMajor(_ field: StaticString) throws(MessageError) -> CBORMajor {
    do { return try decoder.peekMajor() } catch { throw failure(field, error) }
  }

  mutating func unsigned(
    _ field: StaticString, min: UInt64 = 0, max: UInt64 = SyncLimits.integerMax
  ) throws(MessageError) -> UInt64 {
    let value: UInt64
    do { value = try decoder.unsigned() } catch { throw failure(field, error) }
    guard min...max ~= value else { throw failure(field, .outOfRange(min: min, max: max)) }
    return value
  }

  mutating func integer(_ field: StaticString) throws(MessageError) -> Int64 {
    do { return try decoder.integer() } catch { throw failure(field, error) }
  }

  /// A byte string, uncopied.
  mutating func slice(_ field: StaticString, bytesMax: Int) throws(MessageError) -> ArraySlice<
    UInt8
  > {
    let value: ArraySlice<UInt8>
    do { value = try decoder.byteSlice() } catch { throw failure(field, error) }
    guard value.count <= bytesMax else { throw failure(field, .tooManyBytes(max: bytesMax)) }
    return value
  }

  mutating func bytes(_ field: StaticString, count: Int) throws(MessageError) -> [UInt8] {
    let value = try slice(field, bytesMax: Int.max)
    guard value.count == count else { throw failure(field, .wrongByteCount(expected: count)) }
    return Array(value)
  }

  /// A byte string of equal parts, uncopied.
  mutating func parts(
    _ field: StaticString, bytesEach: Int, countMax: Int = Int.max
  ) throws(MessageError) -> ArraySlice<UInt8> {
    let value = try slice(field, bytesMax: Int.max)
    guard value.count.isMultiple(of: bytesEach) else {
      throw failure(field, .wrongByteCount(expected: bytesEach))
    }
    guard value.count / bytesEach <= countMax else { throw failure(field, .tooMany(max: countMax)) }
    return value
  }

  mutating func identifier<Tag>(_ field: StaticString) throws(MessageError) -> Identifier<Tag> {
    let value = try slice(field, bytesMax: Int.max)
    guard value.count == 16 else { throw failure(field, .wrongByteCount(expected: 16)) }
    return identifier(at: value.startIndex)
  }

  /// Those 16 bytes of the input, which must be there.
  func identifier<Tag>(at start: Int) -> Identifier<Tag> {
    Identifier(high: word(at: start), low: word(at: start + 8))
  }

  func word(at start: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in start..<start + 8 { value = value << 8 | UInt64(input[index]) }
    return value
  }

  /// A list of identifiers in one byte string, in the order given.
  mutating func identifiers<Tag>(
    _ field: StaticString, countMax: Int = Int.max
  ) throws(MessageError) -> [Identifier<Tag>] {
    let content = try parts(field, bytesEach: 16, countMax: countMax)
    return (0..<content.count / 16).map { identifier(at: content.startIndex + $0 * 16) }
  }

  mutating func actor(_ field: StaticString) throws(MessageError) -> Actor {
    let value = try slice(field, bytesMax: Int.max)
    guard value.count == 8 else { throw failure(field, .wrongByteCount(expected: 8)) }
    return Actor(rawValue: word(at: value.startIndex))
  }

  mutating func counter(_ field: StaticString) throws(MessageError) -> UInt64 {
    try unsigned(field, min: 1)
  }

  mutating func dot(_ field: StaticString) throws(MessageError) -> Dot {
    Dot(actor: try actor(field), counter: try counter(field))
  }

  mutating func text(_ field: StaticString, bytesMax: Int) throws(MessageError) -> String {
    let value: String
    do { value = try decoder.text() } catch { throw failure(field, error) }
    guard value.utf8.count <= bytesMax else { throw failure(field, .tooManyBytes(max: bytesMax)) }
    return value
  }

  /// The name of a record kind or a field group.
  mutating func name(_ field: StaticString) throws(MessageError) -> String {
    let value = try text(field, bytesMax: SyncLimits.nameBytesMax)
    guard SyncLimits.isName(value) else { throw failure(field, .badName) }
    return value
  }

  /// A value of a record: any item, kept byte for byte.
  mutating func value(_ field: StaticString) throws(MessageError) -> [UInt8] {
    let value: [UInt8]
    do { value = try decoder.rawItem() } catch { throw failure(field, error) }
    guard value.count <= SyncLimits.valueBytesMax else {
      throw failure(field, .tooManyBytes(max: SyncLimits.valueBytesMax))
    }
    return value
  }

  /// The same, checked and passed over.
  mutating func skipValue(_ field: StaticString) throws(MessageError) {
    let start = decoder.offset
    try skip(field)
    guard decoder.offset - start <= SyncLimits.valueBytesMax else {
      throw failure(field, .tooManyBytes(max: SyncLimits.valueBytesMax))
    }
  }

  mutating func skip(_ field: StaticString) throws(MessageError) {
    do { try decoder.skipItem() } catch { throw failure(field, error) }
  }

  /// True; false is told by absence.
  mutating func yes(_ field: StaticString) throws(MessageError) -> Bool {
    guard try bool(field) else { throw failure(field, .redundant) }
    return true
  }

  mutating func bool(_ field: StaticString) throws(MessageError) -> Bool {
    do { return try decoder.bool() } catch { throw failure(field, error) }
  }

  /// True, and the null is passed over, when it stands here.
  mutating func passedNull(_ field: StaticString) throws(MessageError) -> Bool {
    guard decoder.isNull else { return false }
    do { try decoder.null() } catch { throw failure(field, error) }
    return true
  }

  /// An array of groups of `itemsEach` items: how many groups.
  mutating func array(
    _ field: StaticString, itemsEach: Int = 1, countMax: Int = Int.max
  ) throws(MessageError) -> Int {
    let count: Int
    do { count = try decoder.arrayHeader() } catch { throw failure(field, error) }
    guard count.isMultiple(of: itemsEach) else { throw failure(field, .wrongItemCount) }
    guard count / itemsEach <= countMax else { throw failure(field, .tooMany(max: countMax)) }
    return count / itemsEach
  }

  /// An array of exactly so many items.
  mutating func array(_ field: StaticString, count: Int) throws(MessageError) {
    guard try array(field) == count else { throw failure(field, .wrongItemCount) }
  }

  mutating func map(_ field: StaticString) throws(MessageError) -> Int {
    do { return try decoder.mapHeader() } catch { throw failure(field, error) }
  }

  /// A key of a message's map.
  mutating func key() throws(MessageError) -> UInt64 {
    do { return try decoder.unsigned() } catch { throw failure("key", error) }
  }

  func finish() throws(MessageError) {
    do { try decoder.finish() } catch { throw failure("end", error) }
  }

  func required<Value>(_ value: Value?, _ field: StaticString) throws(MessageError) -> Value {
    guard let value else { throw failure(field, .missing) }
    return value
  }

  /// Refuses what the sender should have left out.
  func notDefault(_ isDefault: Bool, _ field: StaticString) throws(MessageError) {
    if isDefault { throw failure(field, .redundant) }
  }
}
