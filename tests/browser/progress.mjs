// The progress bar, as it was seen to move.

/** Notes every position that a progress bar takes from now on; the answer is a function that gives them. */
export async function watchProgress(page) {
  await page.evaluate(() => {
    const seen = new Set();
    const look = () => {
      for (const bar of document.querySelectorAll('[role=progressbar]')) {
        const value = Number(bar.getAttribute('aria-valuenow') ?? Number.NaN);
        if (value > 0) seen.add(value);
      }
    };
    window.progressSeen = seen;
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['aria-valuenow'],
    });
  });
  return () => page.evaluate(() => [...window.progressSeen].sort((one, other) => one - other));
}
