// Sockets under HTTP: a server for thousands of waiting devices, a client that can be interrupted.
//
// The server is one thread around epoll. Ten thousand devices hold a long poll each, nearly all of
// them silent; a thread or a task for each would cost memory and answer nothing. So a connection is
// a row in a table that only the loop touches (`ServerLoop`, `Connection`), and no lock is held
// while it works. Whoever answers a request does so through an `HTTPResponder`, at once or an hour
// later and from any thread: the answer goes into the `Mailbox`, whose eventfd wakes the loop. Slow
// work therefore never belongs into a handler; a handler hands it to a worker and returns.
//
// The loop trusts nobody. The head, the body and every write have a deadline, connections are
// counted, a connection carries one request at a time and is not read while that one runs, and what
// cannot be understood in one way only (see `HTTPWire`) is answered and closed.
//
// Plain HTTP never leaves the machine: `ListenPolicy` refuses other addresses than loopback unless
// the operator says that a TLS proxy stands before them, and `HTTPClient` refuses `http://` beyond
// loopback before it connects. TLS is libcurl's and the proxy's, not ours.
//
// The client blocks its calling thread, which is what a synchronisation thread wants, and another
// thread can end that wait within a millisecond (`abort`). It is libcurl's multi interface
// underneath, because only that can be woken.
