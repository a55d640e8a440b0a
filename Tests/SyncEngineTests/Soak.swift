import Foundation

/// `make soak` runs the full counts, `make test` a tenth of them.
let soaks = ProcessInfo.processInfo.environment["CAFSYNC_SOAK"] == "1"
