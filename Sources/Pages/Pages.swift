// The pages that a daemon serves to the browser of the person who sits before it.
//
// Made on the server from what the operations answer, so that everything works without script. What
// anybody typed becomes text by its type: markup is a type of its own (`HTML`), and the only ways
// to make some are elements and attributes of a closed list (`Elements.swift`), whose content and
// values are escaped. There is no way to put a string in as it is; so a name with a tag in it is
// shown as what it is, on every page, without anybody having to think of it. A page links to
// nothing but pages of this daemon (`LocalPath`), and nothing on it comes from elsewhere.
//
// The conventions are those of GOV.UK's design system: one question or one task a page, summary
// lists, inset text, an error summary that links to the field; the style sheet is our own.
