// uPlot formats numbers in navigator.language and fails to load when that is no BCP 47 tag. Chromium with LANG=POSIX has "en-US@posix".
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
}
