// What a page does beyond being read: it looks again every half minute, moves ages on, and filters while one types.
"use strict";
(() => {
  const every = 30_000;
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
  let tag = null;

  const span = (seconds) => {
    const [name, unit] = units.find(([, length]) => seconds >= length) ?? units[3];
    const count = Math.max(0, Math.floor(seconds / unit));
    return `${count} ${name}${count === 1 ? "" : "s"}`;
  };
  // A form that is being filled in stays as it is.
  const isFilling = () => {
    const field = document.activeElement;
    const isTyped = [...document.querySelectorAll("main textarea")].some((text) => text.value !== text.defaultValue);
    return isTyped || field?.matches("main input:not([data-filters]), main select, main textarea, .times input");
  };
  // A page whose form is all it is for is never looked at again: what was typed would be lost.
  const isStill = () => document.querySelector("main [data-still]") !== null;
  // Of the past nothing moves.
  const isPast = () => document.body.hasAttribute("data-past");
  const moveOn = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      time.textContent = span((Date.now() - Date.parse(time.dateTime)) / 1000);
    }
    for (const bar of document.querySelectorAll("progress[data-since]")) {
      bar.value = Math.min((Date.now() - Date.parse(bar.dataset.since)) / 1000, bar.max);
    }
  };
  const wrong = (of) => of.querySelectorAll(".is-wrong").length;

  const filter = () => {
    const field = document.querySelector("input[data-filters]");
    if (!field) return;
    const part = field.value.toLowerCase();
    for (const row of document.querySelectorAll("tr[data-service]")) {
      row.hidden = !row.dataset.service.toLowerCase().includes(part);
    }
    // The head of a group goes with the last of its services.
    for (const head of document.querySelectorAll("tr.group")) {
      head.hidden = !head.parentElement.querySelector("tr[data-service]:not([hidden])");
    }
  };

  // Puts what the server says now in place of what is shown. Scroll, focus and what is being typed stay.
  const replace = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const [was, is] = [document.querySelector("main"), fresh.querySelector("main")];
    if (!was || !is) return;
    const worse = wrong(is) > wrong(was);
    const focused = document.activeElement;
    const [address, id] = [focused?.getAttribute?.("href"), focused?.id];
    const scrolled = [...document.querySelectorAll(".scrolls")].map((box) => [box.scrollLeft, box.scrollTop]);
    const opened = [...document.querySelectorAll("main details")].map((details) => details.open);
    const typed = document.querySelector("input[data-filters]")?.value;
    was.replaceChildren(...is.childNodes);
    document.title = fresh.title;
    const [links, freshLinks] = [document, fresh].map((page) => page.querySelectorAll(".times a"));
    links.forEach((link, n) => link.setAttribute("href", freshLinks[n]?.getAttribute("href") ?? link.href));
    document.querySelectorAll(".scrolls").forEach((box, n) => {
      if (scrolled[n]) [box.scrollLeft, box.scrollTop] = scrolled[n];
    });
    document.querySelectorAll("main details").forEach((details, n) => (details.open = opened[n] ?? false));
    const field = document.querySelector("input[data-filters]");
    if (field && typed !== undefined) field.value = typed;
    filter();
    if (focused && !document.contains(focused)) {
      const again = id ? document.getElementById(id)
        : [...document.querySelectorAll("main a")].find((link) => link.getAttribute("href") === address);
      again?.focus({ preventScroll: true });
    }
    if (worse) document.querySelector(".said-aloud").textContent = document.querySelector("h1").textContent;
  };

  // A session that has ended is said once, with the way in; what is shown stays.
  const say = (ended) => {
    const said = document.querySelector(".ended");
    if (!ended) said?.remove();
    if (!ended || said) return;
    const [line, link] = ["p", "a"].map((name) => document.createElement(name));
    line.className = "ended";
    line.setAttribute("role", "alert");
    link.href = `/login?to=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Sign in again";
    line.append("Your session has ended, and what you see is not looked at again. ", link);
    document.querySelector("main").before(line);
  };

  const look = async () => {
    if (document.hidden || isPast() || isStill() || isFilling()) return;
    try {
      const headers = { Accept: "text/html", ...(tag && { "If-None-Match": tag }) };
      // A redirect leads to a login, and a script can't log in.
      const answer = await fetch(location.href, { headers, cache: "no-store", redirect: "manual" });
      say(answer.type === "opaqueredirect" || answer.status === 401);
      if (answer.status === 200) {
        tag = answer.headers.get("etag");
        replace(await answer.text());
      }
    } catch {
      // The next look says whether it is reached again.
    }
    moveOn();
  };

  // A time that is entered in UTC, beside it as the reader's own clock has it.
  const ownTime = (field) => {
    const output = document.getElementById(field.dataset.utc);
    const at = new Date(`${field.value}Z`);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    output.textContent = field.value && !isNaN(at)
      ? `${at.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })} where you are (${zone})` : "";
  };
  // The versions of the service that was entered, to choose from: as the server suggests them.
  const suggest = async (service) => {
    const list = document.getElementById("versions");
    try {
      const query = new URLSearchParams(service ? { service } : {});
      const answer = await fetch(`${location.pathname.startsWith("/bad") ? "/bad/mark" : "/record"}?${query}`, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...(fresh.getElementById("versions")?.childNodes ?? []));
    } catch {
      // Any version can be typed.
    }
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("input[data-filters]")) filter();
    if (event.target.matches?.("input[data-utc]")) ownTime(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "field-service") suggest(event.target.value.trim());
  });
  document.querySelectorAll("input[data-utc]").forEach(ownTime);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  if (!isPast()) setInterval(look, every);
})();
