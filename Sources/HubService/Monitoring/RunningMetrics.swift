import HTTPTransport
import Operations

/// What the running hub counts in memory, as metrics: they are there when the database is not.
struct RunningMetrics {
  let meter: HubMeter
  let server: HTTPServerCounters
  let connectionsMax: Int
  let log: LogCounts
  let bootMilliseconds: Int64

  /// - Parameter isStoreReadable: the database has answered as well.
  func text(isStoreReadable: Bool) -> String {
    var text = PrometheusText()
    let counts = meter.snapshot
    addCondition(counts, isStoreReadable, to: &text)
    addExchanges(counts, to: &text)
    addServer(to: &text)
    addProcess(to: &text)
    return text.text
  }

  private func addCondition(
    _ counts: HubMeter.Counts, _ isStoreReadable: Bool, to text: inout PrometheusText
  ) {
    text.family(
      "cafsync_hub_build_info", .gauge, "Which version runs; always 1.", by: "version",
      [(ProgramVersion.text, 1)])
    let objection = counts.condition.objection(bootMilliseconds: bootMilliseconds)
    text.value(
      "cafsync_hub_ready", .gauge, "Whether the hub can do its work: 1, or 0.",
      objection == nil ? 1 : 0)
    text.value(
      "cafsync_hub_store_readable", .gauge,
      "Whether the database answered for these metrics: 1, or 0.", isStoreReadable ? 1 : 0)
    text.value(
      "cafsync_hub_batches_total", .counter, "Transactions that were tried.",
      Double(counts.batches))
    text.value(
      "cafsync_hub_batch_failures_total", .counter, "Transactions that failed.",
      Double(counts.failedBatches))
    text.value(
      "cafsync_hub_disk_free_bytes", .gauge, "Room on the disk of the hub's folder.",
      counts.condition.disk.map { Double($0.freeBytes) })
    text.value(
      "cafsync_hub_disk_size_bytes", .gauge, "Size of the disk of the hub's folder.",
      counts.condition.disk.map { Double($0.sizeBytes) })
  }

  private func addExchanges(_ counts: HubMeter.Counts, to text: inout PrometheusText) {
    text.family(
      "cafsync_hub_exchanges_total", .counter, "Devices' requests by how they ended.",
      by: "outcome",
      ExchangeOutcome.allCases.map { ($0.rawValue, Double(counts.exchanges[$0] ?? 0)) })
    text.histogram(
      "cafsync_hub_exchange_duration_seconds",
      "From a request's arrival to its answer, of those that did not wait for news.",
      counts.durations)
    text.value(
      "cafsync_hub_exchanges_cut_total", .counter,
      "Requests that came again because the reply was lost.", Double(counts.cut))
    text.value(
      "cafsync_hub_exchange_received_bytes_total", .counter, "Bodies of devices' requests.",
      Double(counts.receivedBytes))
    text.value(
      "cafsync_hub_exchange_sent_bytes_total", .counter, "Bodies of the hub's answers.",
      Double(counts.sentBytes))
    text.family(
      "cafsync_hub_enrolments_total", .counter, "Requests to join by how they ended.",
      by: "outcome",
      EnrolmentOutcome.allCases.map { ($0.rawValue, Double(counts.enrolments[$0] ?? 0)) })
  }

  private func addServer(to text: inout PrometheusText) {
    text.value(
      "cafsync_hub_connections", .gauge, "Connections that are open.",
      Double(server.connectionsOpen))
    text.value(
      "cafsync_hub_connections_max", .gauge, "Connections that may be open at once.",
      Double(connectionsMax))
    text.value(
      "cafsync_hub_connections_accepted_total", .counter, "Connections that were accepted.",
      Double(server.connectionsAccepted))
    text.value(
      "cafsync_hub_http_requests_total", .counter, "Requests that were complete.",
      Double(server.requestsReceived))
    text.value(
      "cafsync_hub_http_requests_refused_total", .counter,
      "Requests that were malformed, too large or not supported.",
      Double(server.requestsRefused))
    text.value(
      "cafsync_hub_http_timeouts_total", .counter,
      "Requests and answers that were cut because the other side was too slow.",
      Double(server.timeoutsReached))
    text.family(
      "cafsync_hub_log_messages_total", .counter, "Events for the log by their level.",
      by: "level", [("warning", Double(log.warnings)), ("error", Double(log.errors))])
  }

  private func addProcess(to text: inout PrometheusText) {
    let figures = ProcessFigures()
    text.value(
      "process_start_time_seconds", .gauge, "When the hub was started.",
      Double(meter.startedMilliseconds) / 1_000)
    text.value(
      "process_resident_memory_bytes", .gauge, "Memory that the hub has.",
      figures.residentBytes.map { Double($0) })
    text.value(
      "process_cpu_seconds_total", .counter, "Time that the hub has computed.",
      figures.processorSeconds)
  }
}
