/// Metrics in Prometheus' text format, version 0.0.4: for each a line of help, one with its type,
/// and its samples. A metric without a sample at the moment is announced all the same.
struct PrometheusText {
  enum Kind: String { case counter, gauge, histogram }

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  mutating func family(
    _ name: StaticString, _ kind: Kind, _ help: StaticString,
    _ samples: [(labels: [(name: StaticString, value: String)], value: Double)]
  ) {
    announce(name, kind, help)
    for sample in samples {
      text += "\(name)\(Self.labels(sample.labels)) \(Self.number(sample.value))\n"
    }
  }

  /// One sample without labels; none for nil.
  mutating func value(
    _ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Double?
  ) {
    family(name, kind, help, value.map { [([], $0)] } ?? [])
  }

  /// One sample for each value of a label.
  mutating func family(
    _ name: StaticString, _ kind: Kind, _ help: StaticString, by label: StaticString,
    _ samples: [(String, Double)]
  ) {
    family(name, kind, help, samples.map { ([(label, $0.0)], $0.1) })
  }

  mutating func histogram(
    _ name: StaticString, _ help: StaticString, _ histogram: DurationHistogram
  ) {
    announce(name, .histogram, help)
    var total: UInt64 = 0
    for (place, count) in histogram.buckets.enumerated() {
      total += count
      let bounds = DurationHistogram.boundsMilliseconds
      let bound = place < bounds.count ? Self.number(Double(bounds[place]) / 1_000) : "+Inf"
      text += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
    }
    text += "\(name)_sum \(Self.number(Double(histogram.sumMilliseconds) / 1_000))\n"
    text += "\(name)_count \(total)\n"
  }

  private mutating func announce(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  private static func labels(_ labels: [(name: StaticString, value: String)]) -> String {
    if labels.isEmpty { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
  }

  /// A value cannot end its quotes or its line.
  static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  static func number(_ value: Double) -> String {
    if let whole = Int64(exactly: value) { return "\(whole)" }
    return value.isNaN ? "NaN" : value == .infinity ? "+Inf" : "\(value)"
  }
}
