// What the pages of both daemons rest on: who is signed in, that a form is one of ours, which
// address is which page, and the headers that keep a browser from being used against whoever sits
// before it.
//
// A request is from a browser, perhaps told by a hostile page to send it. So the `Host` is one that
// the daemon knows (a foreign name that resolves to 127.0.0.1 is turned away by the daemon), the
// session's cookie goes along with nothing that another site begins (SameSite=Strict), what changes
// anything shows the session's own token, which no other page can read (`SignedInRequest`), and
// signing in, for which there is no token yet, is taken from a page of the same origin alone.
//
// A daemon adds who may sign in, and its own pages: a list of `PageRoute`s.
