// What pages do besides being read. Each does its work without this too.
"use strict";

let isLeaving = false, isTouched = false;

// Saves a form a moment after somebody stops typing in it. What the daemon answers is what the
// form then shows, so that the next save is held against that and not against an older page.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const said = form.querySelector("[data-saved]");
  let timer, isSaving = false, isDirty = false, isRefused = false;

  const say = (text) => { if (said) said.textContent = text; };

  async function save() {
    if (isSaving || !isDirty || isRefused) return;
    isSaving = true;
    isDirty = false;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("autosave", "1");
    try {
      const reply = await fetch(form.action, {
        method: "POST", body: fields, keepalive: fields.toString().length < 60000 });
      const answer = await reply.json();
      if (reply.ok) {
        form.elements.seen.value = answer.seen;
        for (const [group, was] of Object.entries(answer.was || {})) {
          const field = form.elements["was." + group];
          if (field) field.value = was;
        }
        if ((answer.undecided || []).length > 0) {
          isRefused = true;
          say("Somebody else wrote here at the same time. Both texts are kept: see Conflicts.");
        } else if (!isDirty) {
          say("Saved on this device at " + new Date().toLocaleTimeString([], {
            hour: "2-digit", minute: "2-digit" }) + ". " + (answer.state || ""));
        }
      } else {
        isDirty = true;
        // Not repeated by itself before somebody types on: it would be refused again.
        say("Not saved yet: " + answer.sentence);
        isSaving = false;
        return;
      }
    } catch {
      isDirty = true;
      say("Not saved yet: this page does not reach the daemon on this computer.");
    }
    isSaving = false;
    if (isDirty) timer = setTimeout(save, 1000);
  }

  form.addEventListener("input", () => {
    isDirty = true;
    say("Not saved yet");
    clearTimeout(timer);
    timer = setTimeout(save, 600);
  });
  form.addEventListener("submit", () => { isDirty = false; clearTimeout(timer); });
  addEventListener("pagehide", () => { if (isDirty) save(); });
  addEventListener("beforeunload", (event) => { if (isDirty && !isLeaving) event.preventDefault(); });
}

// Finds while somebody types. What was found goes with the next key, before there is anything new: it
// would be an answer to another question. So does an answer that comes too late.
for (const form of document.querySelectorAll("form[data-search]")) {
  const results = document.querySelector("[data-results]");
  const said = form.querySelector("[data-searched]");
  let timer, telling, asked;

  // Said when somebody pauses: not with every letter.
  const tell = (text) => { telling = setTimeout(() => { said.textContent = text; }, 700); };
  const isEnough = () => [form.elements.given, form.elements.family].some(
    (field) => field.value.trim().length >= 2);

  async function search() {
    const question = asked = new AbortController();
    try {
      const reply = await fetch(form.action + "/typed", {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: question.signal });
      const answer = await reply.json();
      if (question !== asked) return;
      results.style.minHeight = "";
      if (!reply.ok) return;
      results.innerHTML = answer.markup;
      tell(answer.sentence);
    } catch {
      if (question === asked) tell("Nothing was looked up. Press Find.");
    }
  }

  form.addEventListener("input", () => {
    if (asked) asked.abort();
    asked = undefined;
    clearTimeout(timer);
    clearTimeout(telling);
    said.textContent = "";
    // What stands below stays where it is meanwhile.
    results.style.minHeight = results.offsetHeight + "px";
    results.replaceChildren();
    if (isEnough()) timer = setTimeout(search, 200);
    else results.style.minHeight = "";
  });
}

// Keeps what the page says of sync true; and when what it shows of a child has changed, shows that:
// withdrawn records must not stay on a screen.
addEventListener("input", () => { isTouched = true; });

// What may not be shown goes at once; what was typed is sent on the way (pagehide).
function leave() {
  isLeaving = true;
  location.reload();
}

const standing = document.querySelector("[data-standing]");
const shown = document.querySelector("[data-live]");
const named = document.querySelector("[data-withdrawn]");

// A page that names several children may name one whom this agency is to see no more.
function letGo(withdrawn) {
  if (!named || named.dataset.withdrawn === withdrawn) return;
  const results = document.querySelector("[data-results]");
  if (results) {
    named.dataset.withdrawn = withdrawn;
    results.textContent = "A record has been withdrawn. Press Find to look again.";
  } else if (!isTouched) {
    location.replace(location.pathname + location.search);
  }
}

async function look() {
  try {
    const about = new URLSearchParams();
    if (shown) about.set("child", shown.dataset.live);
    if (shown && shown.dataset.part) about.set("part", shown.dataset.part);
    const reply = await fetch("/live?" + about);
    if (reply.status === 401 || reply.status === 423) { leave(); return; }
    if (!reply.ok) return;
    const answer = await reply.json();
    if (standing) {
      const tag = standing.querySelector(".tag");
      tag.className = answer.isAllSynced ? "tag tag-done" : "tag tag-waiting";
      tag.textContent = answer.isAllSynced ? "Synced" : "Not all synced";
      const text = " " + answer.sentence;
      if (standing.lastChild.textContent !== text) standing.lastChild.textContent = text;
    }
    letGo(answer.withdrawn);
    if (shown && (!answer.revision || answer.isPartShown === false)) { leave(); return; }
    const isOther = shown && shown.dataset.revision && answer.revision !== shown.dataset.revision;
    if (isOther && !isTouched) location.reload();
  } catch {
    if (standing) standing.lastChild.textContent = " The daemon on this computer does not answer.";
  }
}
if (standing) setInterval(look, 3000);

// The hub's pages: when the hub has news, its page is fetched again and put in place of the old
// one; not while somebody fills a form in.
const board = document.querySelector("[data-board]");
if (board) {
  const events = new EventSource("/events?revision=" + encodeURIComponent(board.dataset.board));
  events.addEventListener("revision", async () => {
    if (isTouched || document.querySelector("details[open]")) return;
    try {
      const reply = await fetch(location.href);
      if (!reply.ok) { leave(); return; }
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
      const shown = document.activeElement && document.activeElement.id;
      for (const part of [".standing", "main"]) {
        const [old, next] = [document.querySelector(part), fresh.querySelector(part)];
        if (old && next) old.replaceWith(next);
      }
      if (shown && document.getElementById(shown)) document.getElementById(shown).focus();
    } catch {
      // The hub does not answer; the browser asks again.
    }
  });
  // Signed out meanwhile: what is shown is not for whoever comes by.
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) leave();
  });
}
