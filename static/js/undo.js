// The undo goes when its ten seconds are over; a refusal is read out first.
document.querySelectorAll("[data-seconds-left]").forEach((banner) => {
  const seconds = Number(banner.dataset.secondsLeft);
  setTimeout(() => banner.querySelector("form")?.remove(), seconds * 1000);
});

document.querySelector("[data-error-summary]")?.focus();
