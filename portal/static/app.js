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
