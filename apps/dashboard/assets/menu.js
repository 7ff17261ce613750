// On a narrow screen the menu is wider than its bar: the current entry is scrolled into view.
const menu = document.querySelector('.menu');
const current = menu?.querySelector('[aria-current]');
if (menu && current) menu.scrollLeft = current.offsetLeft - menu.offsetLeft - (menu.clientWidth - current.offsetWidth) / 2;
