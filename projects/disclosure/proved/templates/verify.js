'use strict';
// Checks a notice with its proof: signature, inclusion, sums, and every visible word. Nothing is sent anywhere.
const FORMS = ['earmark/notice/1', 'earmark/proof/1'];
const bytes = (text) => new TextEncoder().encode(text);
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
};
const sha = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)));
const hex = (raw) => Array.from(raw, (each) => each.toString(16).padStart(2, '0')).join('');
const unhex = (text) => {
  if (typeof text !== 'string' || !/^([0-9a-f]{2})*$/.test(text)) throw new Error('hex');
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
};
const unbase64 = (text) => {
  const raw = atob(text);
  if (btoa(raw) !== text) throw new Error('base64');
  return Uint8Array.from(raw, (each) => each.charCodeAt(0));
};
const same = (one, other) => one.length === other.length && one.every((each, at) => each === other[at]);
const text = (found) => { if (typeof found !== 'string') throw new Error('text'); return found; };
const whole = (found) => { if (!Number.isSafeInteger(found) || found < 0) throw new Error('number'); return found; };
const fen = (found) => {
  if (!/^-?(0|[1-9][0-9]*)\.[0-9]{2}$/.test(text(found))) throw new Error('amount');
  return BigInt(found.replace('.', ''));
};
const yuan = (amount) => {
  const sign = amount < 0n ? '-' : '', digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0');
  return sign + digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',') + '.' + digits.slice(-2);
};
// A posting may be in a unit with other decimals (goods); only amounts in fen count in a figure.
const cents = (found) => /^-?[0-9]+\.[0-9]{2}$/.test(found) ? BigInt(found.replace('.', '')) : null;

const Node = (left, right) => sha(Uint8Array.of(1), left, right);
const Leaf = (content) => sha(Uint8Array.of(0), bytes(content));

async function included(hashed, index, size, path, root) {  // RFC 9162, 2.1.3.2
  if (index >= size) return false;
  let fn = index, sn = size - 1, r = hashed;
  for (const p of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = await Node(p, r);
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else r = await Node(r, p);
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(r, root);
}

async function grown(first, second, path, old, root) {  // RFC 9162, 2.1.4.2
  if (first > second || first === 0) return false;
  if (first === second) return path.length === 0 && same(old, root);
  const proof = Number.isInteger(Math.log2(first)) ? [old, ...path] : [...path];
  if (!proof.length) return false;
  let fn = first - 1, sn = second - 1;
  while (fn % 2 === 1) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
  let fr = proof[0], sr = proof[0];
  for (const c of proof.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = await Node(c, fr); sr = await Node(c, sr);
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else sr = await Node(sr, c);
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  return same(fr, old) && same(sr, root) && sn === 0;
}

async function readKey(vkey) {
  const parts = text(vkey).split('+'), name = parts[0], hint = parts[1], raw = unbase64(parts.slice(2).join('+'));
  if (raw.length !== 33 || raw[0] !== 1) throw new Error('key');
  const own = (await sha(bytes(name + '\n'), raw)).slice(0, 4);
  if (hex(own) !== hint) throw new Error('key');
  return { vkey, name, own, key: await crypto.subtle.importKey('raw', raw.slice(1), { name: 'Ed25519' }, false, ['verify']) };
}

function readNote(note) {
  const at = text(note).lastIndexOf('\n\n');
  const body = note.slice(0, at + 1), lines = note.slice(at + 2).split('\n');
  if (at < 0 || lines.pop() !== '' || !lines.length) throw new Error('note');
  const signed = lines.map((line) => {
    const found = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
    if (!found) throw new Error('note');
    return { name: found[1], raw: unbase64(found[2]) };
  });
  const [origin, size, root, ...more] = body.split('\n');
  const counts = more.length > 1 ? more.shift() : null;  // how many vouchers and lines of the plan there are, by the signature
  if (!/^(0|[1-9][0-9]*)$/.test(size || '') || more.length !== 1 || more[0] !== '') throw new Error('note');
  if (counts !== null && !/^vouchers=(0|[1-9][0-9]*) budget-lines=(0|[1-9][0-9]*)$/.test(counts)) throw new Error('note');
  if (unbase64(root).length !== 32) throw new Error('note');
  return { body, signed, origin, size: whole(Number(size)), root: unbase64(root), root64: root, counts };
}

// The key by which a proof is signed, and those that count: the known ones, newest first, else the one that it names.
async function signersOf(proof, known, report, find) {
  report.vkey = text(proof.vkey);
  const named = known.length ? known.indexOf(report.vkey) : 0;
  if (named < 0) find('key', { found: report.vkey, expected: known[0] });
  const keys = await Promise.all((known.length ? known : [report.vkey]).map(readKey));
  return { by: keys[Math.max(named, 0)], keys };
}

async function signedByAny(note, keys) {
  const found = await Promise.all(keys.map((by) => signedBy(note, by)));
  return found.some((each) => each);
}

async function signedBy(note, by) {
  let mine = false;
  for (const line of note.signed) {
    if (line.name !== by.name || !same(line.raw.slice(0, 4), by.own)) continue;
    if (!await crypto.subtle.verify({ name: 'Ed25519' }, by.key, line.raw.slice(4), bytes(note.body))) throw new Error('signature');
    mine = true;
  }
  return mine;
}

// Of an earlier checkpoint that another key signed nothing is known: it is counted, and told.
async function growth(report, find, told, keys, now) {
  const before = readNote(told.checkpoint);
  if (!await signedByAny(before, keys)) { report.foreign += 1; return; }
  if (before.origin !== now.origin || !await grown(before.size, now.size, told.path.map(unhex), before.root, now.root)) {
    find('growth', { size: before.size });
  }
  report.since = report.since ? Math.min(report.since, before.size) : before.size;
}

function wordsOf(data) {
  const found = [['title', text(data.title)], ...data.lead.map((line) => ['lead', text(line)])];
  for (const field of data.fields) {
    found.push([field.label, text(field.label)], ...field.lines.map((line) => [field.label, text(line)]));
  }
  for (const table of data.tables) {
    found.push([table.caption, text(table.caption)], ...table.columns.map((column) => [table.caption, text(column)]));
    for (const row of table.rows) {
      row.forEach((cell, at) => found.push([`${table.caption} · ${row[0]} · ${table.columns[at]}`, text(cell)]));
    }
  }
  return [...found, ...data.foot.map((line) => ['foot', text(line)])];
}

// A notice is compared element by element: the tokens of a page, and those that it has to have. Of the square code, which
// is not made here, only strokes are allowed, in its one place.
const CODE = { svg: { xmlns: /^http:\/\/www\.w3\.org\/2000\/svg$/, viewBox: /^0 0 [0-9]+ [0-9]+$/ },
  path: { transform: /^scale\([0-9.]+\)$/, class: /^$/, stroke: /^#000$/, d: /^[Mmhv0-9. -]+$/ } };
const started = (tag, said) => `<${[tag, ...Object.entries(said).map(([name, value]) => `${name}=${value}`).sort()].join(' ')}`;

function drawn(node) {
  const allowed = CODE[node.localName];
  return allowed && [...node.attributes].every(({ name, value }) => allowed[name]?.test(value))
    && [...node.childNodes].every((each) => (each.nodeType === 1 ? node.localName === 'svg' && drawn(each) : false));
}

function shownBy(page) {  // the tokens of a page with its visible texts in order
  const made = new DOMParser().parseFromString(page, 'text/html'), tokens = [], words = [];
  const walk = (node) => {
    if (node.nodeType === 3) {
      const said = node.data.trim();
      if (said) { tokens.push(`=${said}`); if (!['style', 'title'].includes(node.parentNode.localName)) words.push(said); }
    } else if (node.nodeType === 10) tokens.push(`!${node.name}`);
    else if (node.nodeType !== 1) tokens.push('!');
    else if (node.localName === 'svg') tokens.push(drawn(node) ? '<svg' : '!svg');
    else {
      tokens.push(started(node.localName, Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]))));
      node.childNodes.forEach(walk);
      tokens.push('>');
    }
  };
  made.childNodes.forEach(walk);
  return { tokens, words };
}

function tokensOf(data, proofWords, links) {  // what stands on the page of a notice, as its template writes it
  const tokens = ['!html'];
  const element = (tag, said, ...within) => {
    tokens.push(started(tag, said));
    for (const each of within) if (typeof each === 'string') { if (each.trim()) tokens.push(`=${each.trim()}`); } else each();
    tokens.push('>');
  };
  const put = (tag, said, ...within) => () => element(tag, said, ...within);
  const row = (columns) => (cells) => put('tr', {}, ...cells.map((cell, at) => put(...(at
    ? ['td', { 'data-label': columns[at], ...(/^(?:-?[0-9][0-9,]*\.[0-9]{2}|)$/.test(cell) ? { class: 'amount' } : {}) }]
    : ['th', { scope: 'row', 'data-label': columns[at] }]), cell)));
  const meta = (said) => put('meta', said);
  element('html', { lang: data.lang === 'zh' ? 'zh-CN' : 'en' },
    put('head', {}, meta({ charset: 'utf-8' }), meta({ name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      meta({ 'http-equiv': 'Content-Security-Policy', content: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" }),
      meta({ name: 'format-detection', content: 'telephone=no' }), put('title', {}, data.title), put('style', {}, TEXTS.style)),
    put('body', {},
      put('main', {}, put('h1', {}, data.title), ...data.lead.map((line) => put('p', { class: 'lead' }, line)),
        put('dl', {}, ...data.fields.map(({ label, lines }) => put('div', {}, put('dt', {}, label), ...lines.map((line) => put('dd', {}, line))))),
        ...data.tables.map(({ caption, columns, rows }) => put('table', {}, put('caption', {}, caption),
          put('thead', {}, put('tr', {}, ...columns.map((column) => put('th', { scope: 'col' }, column)))),
          put('tbody', {}, ...rows.map(row(columns))))),
        put('footer', {}, ...data.foot.map((line) => put('p', {}, line)))),
      put('aside', {}, () => tokens.push('<svg'), put('div', {}, ...proofWords.map((line) => put('p', {}, line)),
        ...links.map(([to, said]) => put('p', { class: 'to' }, put('a', { href: to }, said)))))));
  return tokens;
}

const filled = (template, facts) => template.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? '');

async function check(proofText, page, known, style = null) {
  const report = { problems: [], vkey: '', origin: '', size: 0, words: 0, figures: 0, vouchers: 0, withheld: 0, since: 0, foreign: 0 };
  const find = (code, facts = {}) => report.problems.push([code, facts]);
  try {
    const proof = JSON.parse(proofText);
    if (proof.form === PAGES_FORM) { report.pages = true; await checkPages(proof, page, known, report, find, style); return report; }
    const { by, keys } = await signersOf(proof, known, report, find), note = readNote(proof.checkpoint);
    if (!await signedBy(note, by)) { find('signature'); return report; }
    report.origin = note.origin; report.size = note.size;
    const book = note.origin.slice(note.origin.lastIndexOf('/') + 1);
    const covered = async (hashed, told, where) => {
      if (!await included(hashed, whole(told.position), note.size, told.path.map(unhex), note.root)) find('path', { where });
    };
    const leafOf = async (told, kind, where) => {
      await covered(await Leaf(text(told.leaf)), told, where);
      const made = JSON.parse(told.leaf);
      if (made.kind !== kind || made.log !== book || made.position !== told.position) find('leaf', { where });
      return made.data;
    };
    const data = await leafOf(proof.notice, 'fact', 'notice');
    if (data.form !== FORMS[0] || proof.form !== FORMS[1]) throw new Error('form');
    report.data = data;
    const leaves = new Map();
    for (const each of proof.vouchers) {
      const number = text(each.number);
      if (each.leaf === null) {
        await covered(unhex(each.hash), each, number); leaves.set(number, null); report.withheld += 1; continue;
      }
      const made = await leafOf(each, 'voucher', number);
      if (made.number !== number || hex(await Leaf(each.leaf)) !== each.hash) find('leaf', { where: number });
      leaves.set(number, made); report.vouchers += 1;
    }
    const amounts = new Map(data.figures.map((figure) => [text(figure.name), fen(figure.amount)]));
    for (const figure of data.figures) {
      const counts = new Map(figure.counts), amount = amounts.get(figure.name);
      report.figures += 1;
      let sum = 0n;
      for (const [number, part] of figure.vouchers) {
        sum += fen(part);
        if (!leaves.has(number)) { find('missing', { where: number, figure: figure.name }); continue; }
        const made = leaves.get(number);
        if (made === null) continue;
        let moved = 0n;
        for (const [account, commodity, posted] of made.postings) {
          const count = counts.get(`${account} ${commodity}`) || 0;
          if (count) moved += BigInt(count) * (cents(posted) ?? 0n);
        }
        if (moved !== fen(part)) find('part', { where: number, figure: figure.name, found: yuan(moved), expected: yuan(fen(part)) });
      }
      if (figure.vouchers.length && sum !== amount) find('sum', { figure: figure.name, found: yuan(sum), expected: yuan(amount) });
      if (figure.sums.length) {
        const made = figure.sums.reduce((so, [name, count]) => so + BigInt(count) * amounts.get(name), 0n);
        if (made !== amount) find('sum', { figure: figure.name, found: yuan(made), expected: yuan(amount) });
      }
    }
    const printed = /-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}(?![0-9%])(?= ?(?:元|yuan))/g;
    for (const field of data.fields) {
      const shown = new Set(field.figures.map((name) => yuan(amounts.get(name))));
      if (field.figures.length) for (const line of field.lines) for (const amount of line.match(printed) || []) {
        if (!shown.has(amount)) find('amount', { where: field.label, found: amount });
      }
    }
    for (const table of data.tables) {
      const shown = new Set(table.figures.map((name) => yuan(amounts.get(name))));
      for (const row of table.rows) for (const cell of row) {
        const found = /^-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}$/.test(cell) ? [cell] : cell.match(printed) || [];
        for (const amount of found) if (!shown.has(amount)) find('amount', { where: `${table.caption} ${row[0]}`, found: amount });
      }
    }
    if (proof.since !== null) await growth(report, find, proof.since, keys, note);
    if (page !== null) {
      const facts = { log: note.origin, size: note.size, root: note.root64, place: `F${proof.notice.position}` };
      const below = [...TEXTS.proof[data.lang].map((line) => filled(line, facts)), ...(proof.url ? [text(proof.url)] : [])];
      const begins = `${book}-F${proof.notice.position}-${text(data.notice)}`;
      const links = TEXTS.links[data.lang].map((said, at) => [[`${begins}.proof.json`, 'verify.html'][at], said]);
      const expected = [...wordsOf(data), ...[...below, ...links.map(([, said]) => said)].map((words) => ['proof', words])];
      report.words = expected.filter(([, words]) => words).length;
      const { tokens, words: found } = shownBy(page);
      const visible = expected.filter(([, words]) => words);
      for (const [at, [where, words]] of visible.entries()) {
        if (found[at] !== words) { find('word', { where, found: found[at] ?? '', expected: words }); return report; }
      }
      if (found.length > visible.length) find('more', { found: found[visible.length] });
      else {
        const wanted = tokensOf(data, below, links);
        if (tokens.length !== wanted.length || tokens.some((token, at) => token !== wanted[at])) find('markup');
      }
    }
  } catch (error) {
    find(error.message === 'signature' ? 'signature' : 'form');
  }
  return report;
}

const show = (id, said, kind = '') => { const at = document.getElementById(id); at.textContent = said; at.className = kind; };

// What the proof says of a checkpoint that another key signed: it is told of notices and pages in the same words.
const foreignLines = (report) => (report.foreign ? [filled(TEXTS.says.foreign, { count: report.foreign })] : []);

async function look() {
  const files = Array.from(document.getElementById('files').files);
  const [proof, page, style] = ['.json', '.html', '.css'].map((ending) => files.find((file) => file.name.endsWith(ending)));
  document.getElementById('list').replaceChildren();
  show('key', '');
  if (!proof) { show('verdict', files.length ? TEXTS.says.both : '', 'wait'); return; }
  show('verdict', TEXTS.says.checking, 'wait');
  const known = document.getElementById('known').value.split(/\s+/).filter((each) => each);
  const report = await check(await proof.text(), page ? await page.text() : null, known, style ? await style.text() : null);
  const problem = report.pages ? TEXTS.pages.problem : TEXTS.problem, says = report.pages ? TEXTS.pages.says : TEXTS.says;
  const lines = report.problems.map(([code, facts]) => filled(problem[code], facts));
  if (!lines.length) {
    if (report.pages) lines.push(...pageLines(report));
    else {
      lines.push(filled(says.figures, report));
      if (report.withheld) lines.push(filled(says.withheld, { count: report.withheld }));
      if (report.since) lines.push(filled(says.since, { size: report.since, now: report.size }));
      lines.push(...foreignLines(report));
    }
    if (!page) lines.push(TEXTS.says.noPage);
    show('key', filled(known.length ? TEXTS.says.known : TEXTS.says.compare, { log: report.origin, key: report.vkey }));
  }
  for (const line of lines) {
    const item = document.createElement('li');
    item.textContent = line;
    document.getElementById('list').append(item);
  }
  const right = !report.problems.length;
  show('verdict', right ? filled(says.right, { title: report.pages ? report.title : report.data.title, words: report.words })
    : filled(says.wrong, { count: report.problems.length }), right ? 'right' : 'wrong');
}

if (typeof document !== 'undefined' && document.getElementById('files')) {
  document.getElementById('files').addEventListener('change', look);
  document.getElementById('known').addEventListener('change', look);
}
