'use strict';
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const filter = document.getElementById('filter');
filter.parentElement.hidden = false;

// A group, and in it each item, stays when it holds every word; what is folded around them opens while there is a filter.
function sift() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = text => words.every(word => text.toLowerCase().includes(word));
  let left = 0;
  for (const section of all('.rows')) {
    const title = chapter => chapter ? chapter.querySelector('summary').textContent : '';
    for (const group of all('.group', section)) {
      const around = title(group.closest('.chapter'));
      const stays = holds(around + ' ' + group.textContent);
      group.classList.toggle('out', !stays);
      left += stays;
    }
    for (const chapter of all('.chapter', section)) {
      const stays = all('.group:not(.out)', chapter).length > 0;
      chapter.classList.toggle('out', !stays);
      chapter.open = stays && words.length > 0;
    }
    section.classList.toggle('out', !all('.group:not(.out)', section).length);
  }
  document.getElementById('found').textContent = words.length ? left + (left === 1 ? ' check' : ' checks') + ' with these words' : '';
}
filter.addEventListener('input', sift);

for (const box of all('.command')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    const code = box.querySelector('code');
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  box.prepend(button);
}

// On paper everything is open, also where the style sheet cannot do it.
let folded = [];
addEventListener('beforeprint', () => {
  folded = all('details:not([open])');
  folded.forEach(each => { each.open = true; });
});
addEventListener('afterprint', () => folded.forEach(each => { each.open = false; }));
