// Comfort only: many files are sent in portions, with progress, and only those that are not there already.
// Without this the form sends them all at once.
const PORTION_FILES = 20;
const PORTION_BYTES = 20 * 1024 * 1024;
const ASKED_AT_ONCE = 500;
const TRIES = 3;
const JUNK = new Set([".ds_store", "thumbs.db", "desktop.ini"]);
const number = new Intl.NumberFormat("nb-NO");
const counted = (n) => `${number.format(n)} ${n === 1 ? "fil" : "filer"}`;

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function entriesOf(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

// All files of what was dropped, folders opened.
async function filesIn(entry) {
  if (entry.isFile) return [await fileOf(entry)];
  const reader = entry.createReader();
  const found = [];
  for (let some = await entriesOf(reader); some.length; some = await entriesOf(reader)) {
    for (const inner of some) found.push(...(await filesIn(inner)));
  }
  return found;
}

function portionsOf(files) {
  const portions = [];
  let [portion, size] = [[], 0];
  for (const file of files) {
    if (portion.length && (portion.length === PORTION_FILES || size + file.size > PORTION_BYTES)) {
      portions.push(portion);
      [portion, size] = [[], 0];
    }
    portion.push(file);
    size += file.size;
  }
  if (portion.length) portions.push(portion);
  return portions;
}

class Refused extends Error {}

class Upload {
  constructor(form) {
    this.form = form;
    // The token, and the organisation that the page was shown for.
    this.marks = ["csrf_token", "gjelder_organisasjon"].map((name) => [name, form.elements[name].value]);
    this.bar = form.querySelector("[data-framdrift]");
    this.told = form.querySelector("[data-melding]");
    this.refused = form.querySelector("[data-avvist]");
    this.busy = false;
  }

  say(text) {
    this.told.textContent = text;
  }

  show(done, all) {
    this.bar.hidden = false;
    const progress = this.bar.querySelector("progress");
    [progress.max, progress.value] = [all || 1, done];
    this.bar.querySelector("output").textContent = `${number.format(done)} av ${number.format(all)} sendt`;
  }

  refuse(name, reason) {
    const item = document.createElement("li");
    const shown = document.createElement("span");
    shown.className = "verdi";
    shown.textContent = name;
    item.append(shown, `: ${reason}`);
    this.refused.querySelector("ul").append(item);
    this.refused.hidden = false;
  }

  async post(url, data) {
    for (const [name, value] of this.marks) data.append(name, value);
    for (let attempt = 1; ; attempt += 1) {
      let answer;
      try {
        answer = await fetch(url, { method: "POST", body: data, headers: { Accept: "application/json" } });
      } catch (error) {
        if (attempt === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000 * attempt));
        continue;
      }
      const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      if (answer.ok && !answer.redirected) return told;
      throw new Refused(told.grunn || "Siden svarte ikke som den skulle. Last siden på nytt, og prøv igjen.");
    }
  }

  // Those of the files that are not there: the same name, size and content need not be sent again.
  async missing(files) {
    if (!crypto.subtle) return files;
    const wanted = [];
    for (let start = 0; start < files.length; start += ASKED_AT_ONCE) {
      const some = files.slice(start, start + ASKED_AT_ONCE);
      const asked = [];
      for (const file of some) {
        const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
        asked.push([file.name, file.size, hex(digest)]);
      }
      const data = new FormData();
      data.append("filer", JSON.stringify(asked));
      const { mangler } = await this.post(this.form.dataset.mangler, data);
      wanted.push(...mangler.map((place) => some[place]));
    }
    return wanted;
  }

  async send(files, more) {
    const data = new FormData();
    for (const file of files) data.append("filer", file, file.name);
    data.append("ferdig", "ja");
    if (more) data.append("flere", "ja");
    const { avvist } = await this.post(this.form.action, data);
    for (const one of avvist) this.refuse(one.navn, one.grunn);
  }

  sortOut(given) {
    const largest = Number(this.form.dataset.maksMb) * 1024 * 1024;
    const seen = new Set();
    return given.filter((file) => {
      const name = file.name.normalize("NFC");
      if (JUNK.has(name.toLowerCase()) || name.startsWith("._")) return false;
      if (file.size > largest) {
        this.refuse(name, `Filen er for stor. Den kan være høyst ${this.form.dataset.maksMb} MB.`);
      } else if (seen.has(name)) {
        this.refuse(name, "To av filene heter det samme, i hver sin mappe. Bare den første er tatt imot. Gi den andre et annet navn.");
      } else {
        seen.add(name);
        return true;
      }
      return false;
    });
  }

  async run(given) {
    if (this.busy) return;
    this.busy = true;
    this.refused.hidden = true;
    this.refused.querySelector("ul").replaceChildren();
    let [done, all] = [0, 0];
    try {
      const files = this.sortOut(given);
      this.say("Ser etter hvilke filer som mangler.");
      const wanted = await this.missing(files);
      all = wanted.length;
      this.say(all < files.length ? `${counted(files.length - all)} er her fra før. Sender ${counted(all)}.` : `Sender ${counted(all)}.`);
      const portions = portionsOf(wanted);
      if (!portions.length && files.length) await this.send([], false);
      for (const [place, portion] of portions.entries()) {
        this.show(done, all);
        await this.send(portion, place < portions.length - 1);
        done += portion.length;
      }
      this.show(done, all);
    } catch (error) {
      const reason = error instanceof Refused ? error.message : "Forbindelsen ble brutt.";
      this.say(`${reason} ${counted(done)} av ${number.format(all)} er sendt. Velg de samme filene igjen, så sendes bare de som mangler.`);
      this.busy = false;
      return;
    }
    this.busy = false;
    if (this.refused.hidden) {
      location.assign(this.refused.querySelector("a").href);
    } else {
      this.say(`Ferdig. ${counted(this.refused.querySelectorAll("li").length)} er ikke tatt imot.`);
      this.refused.querySelector("a").focus();
    }
  }

  // A zip goes the way of its own form.
  sendZip(file) {
    const form = document.getElementById(this.form.dataset.zip);
    const chosen = new DataTransfer();
    chosen.items.add(file);
    form.elements.zip.files = chosen.files;
    form.requestSubmit();
  }

  take(files) {
    if (files.length === 1 && files[0].name.toLowerCase().endsWith(".zip")) this.sendZip(files[0]);
    else if (files.length) this.run(files);
  }
}

document.querySelectorAll("form[data-filopplasting]").forEach((form) => {
  const upload = new Upload(form);
  const input = form.elements.filer;
  const place = form.querySelector("[data-slipp]");
  const folder = form.querySelector("[data-mappe]");
  place.hidden = false;
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return; // the server says what is missing
    event.preventDefault();
    upload.take([...input.files]);
  });
  // The part that tells how far the control is loads the page anew when it is over: not from under what is chosen or on its way.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const zip = document.getElementById(form.dataset.zip).elements.zip;
    if (upload.busy || [input, folder, zip].some((field) => field.files.length)) event.preventDefault();
  });
  folder.addEventListener("change", () => upload.take([...folder.files]));
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.toggleAttribute("data-over", true);
  });
  form.addEventListener("dragleave", () => place.removeAttribute("data-over"));
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    place.removeAttribute("data-over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const found = [];
    for (const entry of entries) found.push(...(await filesIn(entry)));
    upload.take(found);
  });
});
