// Comfort only: every page works without this. A link with data-dialog opens that dialog instead of its page.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  target?.closest("[data-lukk-dialog]")?.closest("dialog")?.close();
});

// On a small screen the menu is one row that scrolls: show the part one is in.
if (matchMedia("(max-width: 60rem)").matches) {
  document.querySelector('.side [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// A part that is drawn anew by itself: a screen reader is told when it says of itself that it stands otherwise than before,
// and its reader may let it rest.
const told = document.getElementById("levende-meldt");
const rest = document.querySelector("[data-stans]");
if (told) {
  const states = () => new Map([...document.querySelectorAll("[data-sier]")].map((part) => [part.id, part.dataset.sier]));
  let before = states();
  document.body.addEventListener("htmx:afterSettle", () => {
    const now = states();
    now.forEach((words, id) => {
      if (words !== before.get(id)) told.textContent = words;
    });
    before = now;
    if (rest && !document.querySelector('[hx-trigger^="every"]')) rest.hidden = rest !== document.activeElement;
  });
}
if (rest) {
  let resting = false;
  rest.hidden = false;
  rest.addEventListener("click", () => {
    resting = !resting;
    [rest.textContent, rest.dataset.igjen] = [rest.dataset.igjen, rest.textContent];
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (resting) event.preventDefault();
  });
}

// Five minutes before the login is over its person is told, and goes on with one press. Another tab may have used the same
// login, so the house is asked first: that is not to use it.
const login = document.getElementById("innlogging-varsel");
if (login) {
  const EARLY = 300_000;
  const [line] = login.querySelectorAll("p");
  const [goOn] = login.querySelectorAll("button");
  const at = (seconds) => Date.now() + 1000 * seconds;
  let ends = at(60 * login.dataset.minutter);
  let last = Infinity;
  let over = false;
  let came = null;
  const tell = () => {
    const { over: out, hoyst: longest, snart } = login.dataset;
    const words = over ? out : last - Date.now() <= EARLY ? longest : snart;
    const clock = new Intl.DateTimeFormat("nb-NO", { timeStyle: "short", timeZone: "Europe/Oslo" }).format(ends);
    const said = words.replace("{tid}", clock.replace(":", "."));
    login.hidden = !over && ends - Date.now() > EARLY;
    goOn.hidden = words !== snart;
    if (login.hidden) line.textContent = "";
    else if (line.textContent !== said) line.textContent = said;
  };
  const ask = async (where) => {
    try {
      const answer = await fetch(where, { headers: { "HX-Request": "true" } });
      if (answer.ok) {
        const { varer, hoyst } = await answer.json();
        [ends, last] = [at(varer), at(hoyst)];
      }
      over = answer.status === 401;
    } catch {
      // Nobody answers just now: the clock goes on.
    }
    tell();
  };
  const look = () => {
    if (ends - Date.now() <= EARLY) ask(login.dataset.varer);
  };
  setInterval(() => over || look(), 20_000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  login.addEventListener("focusin", (event) => {
    if (event.relatedTarget && !login.contains(event.relatedTarget)) came = event.relatedTarget;
  });
  goOn.addEventListener("click", async () => {
    await ask(login.dataset.fortsett);
    if (goOn.hidden || login.hidden) (came?.isConnected ? came : document.getElementById("innhold"))?.focus();
  });
}

// A value to copy: the button is there only where it works. What is copied is said to screen readers too.
document.querySelectorAll("button[data-kopier]").forEach((button) => {
  const value = document.getElementById(button.dataset.kopier);
  const told = document.getElementById(button.getAttribute("aria-describedby"));
  if (!navigator.clipboard || !value || !told) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(value.textContent.trim());
      told.textContent = `${button.dataset.hva} er kopiert.`;
    } catch {
      told.textContent = "Nettleseren lot seg ikke bruke til å kopiere. Merk teksten og kopier den selv.";
    }
  });
});

// A secret that is shown once is taken out of the page when it is left, so that going back does not show it again.
addEventListener("pagehide", () => {
  document.querySelectorAll("[data-vises-en-gang]").forEach((secret) => {
    secret.textContent = "Vises ikke lenger";
  });
});
