/// What may be asked of the hub's worker, but for what changes a file (`HubFileChange`) and what is
/// told of the operators' accounts. The tests walk these lists: no answer of any of them holds a
/// child's name or a family's words.
enum HubOperation: String, CaseIterable {
  // How all of it stands.
  case status, standing, revision, metrics, capacity, upkeep, blocked, journal, events
  // Agencies and devices.
  case agencies
  case addAgency = "agency-add"
  case removeAgency = "agency-remove"
  case lockAgreement = "agreement-lock"
  case signAgreement = "agreement-sign"
  case enrol, devices
  case revokeDevice = "revoke-device"
  // Children's records, by their identifiers.
  case blastRadius = "blast-radius"
  case why, ledger, withdrawals, conflicts, erase
  case erasureCertificate = "erasure-certificate"
  case verifyErasureCertificate = "erasure-certificate-verify"
  case subjectAccess = "subject-access"
  case quarantine
  case releaseQuarantine = "quarantine-release"
  case returnQuarantine = "quarantine-return"
  case finishRecovery = "finish-recovery"
  // What is counted.
  case reportCoverage = "report-coverage"
  case reportNeeds = "report-needs"
  case reportEnquiries = "report-enquiries"
  case reportTraining = "report-training"
  case reportIssues = "report-issues"
  // The audit log.
  case verifyAudit = "audit-verify"
  case listAudit = "audit-list"
}

/// What changes a file beside the database: the operators', or that of the reports.
enum HubFileChange: String, CaseIterable {
  case closeReportNeeds = "report-needs-close"
  case addOperator = "operator-add"
  case endOperator = "operator-end"
  case setPassphrase = "operator-passphrase"
  case setCodes = "operator-codes-set"
  case removeCodes = "operator-codes-remove"
}
