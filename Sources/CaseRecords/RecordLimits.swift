/// Every bound on what a person may enter, in one place. Nothing is ever cut silently: past a
/// limit the save is refused with the number, and what was typed stays in the form.
///
/// Lengths of short texts are counted in Unicode scalars and not in graphemes: one grapheme may
/// consist of any number of scalars, and would then be no bound at all. The relations between the
/// limits are asserted by `RecordLimitsTests`.
package enum RecordLimits {
  /// Unicode scalars in a short text: a name, a role, a phone number.
  package static let shortTextScalars = 200
  /// UTF-8 bytes in a short text: no scalar takes more than four.
  package static let shortTextBytes = shortTextScalars * 4
  /// UTF-8 bytes in a long text: a box of the assessment, a comment, a note.
  package static let longTextBytes = 65_536
  /// UTF-8 bytes in the name of a code.
  package static let codeBytes = 64
  /// UTF-8 bytes in the name of a kind, a group or a field.
  package static let nameBytes = 64
  /// Entries in a list of texts, codes, identifiers or parameters.
  package static let listItems = 64
  /// Fields in one group, those unknown to this version included.
  package static let groupFields = 32
  /// Bytes of one encoded group value: a register of the store.
  package static let groupBytes = 131_072
  /// Nested arrays and maps in a group value, those unknown to this version included.
  package static let nesting = 8
  /// Dates outside these years are slips of the keyboard.
  package static let years = 1900...2199
  /// Years of age that an estimate may give: CAF is for those under 19, and 25 with a disability.
  package static let estimatedAgeYears = 25
  /// Contacts in 12 months.
  package static let contacts = 9_999
  /// Days since the oldest synchronisation, and other spans.
  package static let days = 36_500
  /// Agencies in a district.
  package static let agencies = 9_999
  /// Milliseconds since 1970 up to the end of the year 2199: below 2^53, so exact everywhere.
  package static let instantMilliseconds: UInt64 = 7_258_118_399_999
  /// Parts of one name that a comparison looks at.
  package static let nameTokens = 16
}
