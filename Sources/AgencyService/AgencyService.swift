// An agency's daemon: what people ask for, and the thread that keeps it in step with the hub.
//
// This floor composes and owns no rule of its own. What may stand in a record is in `CaseRecords`,
// who may hold it in `Disclosure`, what a save means to the others in `SyncEngine`. Here is only
// the way in and out: an `AgencyOperation` is one function from JSON to JSON, run on the one thread
// that owns the replica (`AgencyDaemon`), and the same functions answer the command line (over a
// Unix socket) and the pages (over loopback HTTP with a token). They are ordinary functions over a
// `Replica`, so the tests call them without a daemon.
//
// Two habits matter more than any function. Nothing is said to be absent when the truth is that it
// is not known here; and nothing is said to be synchronised before the hub has said so.
