// Checks a page of a public site with the proof of its book: figures computed from the leaves, compared word by word.
const PAGES_FORM = 'earmark/pages-proof/1', STATED = 'stated', PERSONS = '*';
const PAGE_TAGS = new Set(('section h1 h2 h3 p ul ol li span strong small svg rect table caption thead tbody tfoot tr th td '
  + 'time a code pre').split(' '));
const PAGE_ATTRIBUTES = new Set(('data-proof data-page data-label data-proof-file data-stated class scope href rowspan '
  + 'viewbox preserveaspectratio aria-hidden width height').split(' '));
const FORBIDDEN = new Set('script style iframe object embed form base frame frameset template'.split(' '));
const AMOUNTS = /-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}(?![0-9%])(?= ?(?:元|yuan))|^-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}$/g;

function readPage(page) {
  const read = { page: '', lang: '', note: '', blocks: [], stated: [], outside: [], strange: '' };
  let heading = '', row = '', label = '';
  const stray = (tag) => { read.strange = read.strange || tag; };
  const say = (words) => {
    const block = read.blocks[read.blocks.length - 1];
    block.words.push([[heading, row, label].filter(Boolean).join(' · ') || block.name, words]);
  };
  const inBlock = (marks) => marks.length > 0 && !marks.includes(STATED);
  const words = (node, marks) => {
    const said = node.data.trim(), within = node.parentNode.localName;
    if (!said) return;
    if (inBlock(marks)) {
      if (['h2', 'h3', 'caption'].includes(within)) heading = said;
      else if (within === 'th' && !row) row = said;
      if (within === 'pre') read.note = node.data;
      say(said);
    } else if (marks.length === 1 && marks[0] === STATED) {
      if (within === 'h2') read.stated.push(said);
    } else if (within !== 'title') read.outside.push(...(said.match(AMOUNTS) || []));
  };
  const walk = (node, marks) => {
    if (node.nodeType === 3) { words(node, marks); return; }
    if (node.nodeType === 8 && inBlock(marks)) stray('!--');
    if (node.nodeType !== 1) return;
    const tag = node.localName.toLowerCase(), has = (name) => node.getAttribute(name) || '';
    const names = Array.from(node.attributes, (each) => each.name.toLowerCase());
    if (FORBIDDEN.has(tag) || names.some((name) => name === 'style' || name === 'hidden' || name.startsWith('on'))) stray(tag);
    const mark = has('data-proof') || (node.hasAttribute('data-stated') ? STATED : '');
    if (mark && mark !== STATED) {
      if (marks.length) stray(tag);
      else { read.blocks.push({ name: mark, words: [] }); heading = row = label = ''; }
    }
    if (tag === 'html') read.lang = has('lang');
    read.page = read.page || has('data-page');
    const now = mark ? [...marks, mark] : marks;
    if (now.length && !(now.length === 1 && now[0] === STATED)) {
      if (!PAGE_TAGS.has(tag) || names.some((name) => !PAGE_ATTRIBUTES.has(name))) stray(tag);
      if (read.blocks.length) {
        if (tag === 'tr') row = '';
        if (['td', 'th', 'li'].includes(tag)) { label = has('data-label'); if (label) say(`@${label}`); }
        if (tag === 'rect' && has('class') === 'part') say(`=${has('width')}`);
      }
    }
    node.childNodes.forEach((each) => walk(each, now));
  };
  new DOMParser().parseFromString(page, 'text/html').childNodes.forEach((each) => walk(each, []));
  return read;
}

const half = (size) => { let found = 1; while (found * 2 < size) found *= 2; return found; };

async function joinedRoot(size, known, beside) {  // the root that known leaves make with the other hashes
  const places = [...known.keys()].sort((one, other) => one - other);
  let next = 0;
  const make = async (begin, end, from, to) => {
    if (from === to) {
      if (next >= beside.length) throw new Error('beside');
      next += 1;
      return beside[next - 1];
    }
    if (end - begin === 1) return known.get(begin);
    const middle = begin + half(end - begin);
    let cut = from;
    while (cut < to && places[cut] < middle) cut += 1;
    const left = await make(begin, middle, from, cut);
    return Node(left, await make(middle, end, cut, to));
  };
  if (!places.length || places[places.length - 1] >= size) throw new Error('places');
  const root = await make(0, size, 0, places.length);
  if (next !== beside.length) throw new Error('beside');
  return root;
}

async function sameRoot(size, known, beside, root) {
  try { return same(await joinedRoot(size, known, beside.map(unhex)), root); } catch { return false; }
}

function accountsOf(standard) {
  const roles = TEXTS.pages.charts[text(standard)].map(([name, source, normal, floating]) =>
    ({ name, pattern: new RegExp(`^(?:${source})$`), normal: BigInt(normal), floating }));
  const seen = new Map();
  const look = (account) => {
    for (const role of roles) {
      const found = role.pattern.exec(account);
      if (!found) continue;
      const told = found.groups || {};
      return { role, project: role.floating ? '' : told.project || (told.contract || '').split('C')[0] };
    }
    throw new Error('account');
  };
  return (postings, channels) => {
    const moved = new Map();
    for (const [account, commodity, amount] of postings) {
      if (!seen.has(account)) seen.set(account, look(text(account)));
      const { role, project } = seen.get(account), channel = text(commodity).replace(/\.B$/, '');
      if (channels.has(channel)) {
        const key = JSON.stringify([project, channel, role.name]);
        moved.set(key, (moved.get(key) || 0n) + role.normal * fen(amount));
      } else if (!['store', 'quantity'].includes(role.name)) throw new Error('channel');
    }
    return [...moved].map(([key, amount]) => [...JSON.parse(key), amount]);
  };
}

async function openPages(report, find, proof, keys, note) {
  const stated = proof.stated, accounts = accountsOf(stated.book.chart);
  const book = note.origin.slice(note.origin.lastIndexOf('/') + 1);
  const sources = new Map(stated.channels.map(([code, source]) => [text(code), text(source)]));
  const known = new Map(), lines = new Map(), found = new Map(), withheld = new Set(), later = new Set(), laterLines = [];
  let coveredLines = 0;
  const keep = (data, hash, moved, name) => {
    const seq = whole(data.seq);
    if (found.has(seq)) find('twice', { what: `V${data.number}` });
    const voucher = { seq, hash, moved, name, reverses: data.reverses === null ? '' : text(data.reverses), undone: '' };
    for (const key of ['number', 'date', 'event', 'project', 'contract', 'payee']) voucher[key] = text(data[key]);
    found.set(seq, voucher);
    return seq;
  };
  for (const each of proof.leaves) {
    let position, hash, seq = null;
    if (typeof each === 'string') {
      const made = JSON.parse(each);
      position = whole(made.position);
      hash = await Leaf(each);
      if (made.log !== book || !['voucher', 'budget-line'].includes(made.kind)) {
        find('other-book', { found: `${made.log} ${made.kind} ${position}`, expected: book });
        continue;
      }
      if (known.has(position)) find('twice', { what: made.kind === 'voucher' ? `V${made.data.number}` : made.data.project });
      if (made.kind === 'budget-line') {
        const { project, channel, planned } = made.data;
        if (!lines.has(project)) lines.set(project, new Map());
        lines.get(project).set(channel, (lines.get(project).get(channel) || 0n) + fen(planned));
        if (position >= note.size) laterLines.push([project, null, fen(planned)]);
        else coveredLines += 1;
      } else seq = keep(made.data, hex(hash), accounts(made.data.postings, sources), text(made.data.facts['contract-name'] ?? ''));
    } else {
      position = whole(each.position);
      hash = unhex(each.hash);
      if (known.has(position)) find('twice', { what: `V${each.number}` });
      seq = keep(each, each.hash, each.moved.map(([project, channel, role, amount]) => [project, channel, role, fen(amount)]),
        text(each['contract-name']));
      withheld.add(each.seq);
    }
    known.set(position, hash);
    if (seq !== null && position >= note.size) later.add(seq);
  }
  const covered = new Map([...known].filter(([position]) => position < note.size));
  report.later = known.size - covered.size;
  report.other = note.size - covered.size;
  if (!await sameRoot(note.size, covered, proof.beside, note.root)) find('root', { size: note.size });
  const vouchers = [...found.values()].sort((one, other) => one.seq - other.seq);
  for (let seq = 0; seq < (vouchers.length ? vouchers[vouchers.length - 1].seq : 0); seq += 1) {
    if (!found.has(seq)) find('missing', { count: seq + 1, after: `V${vouchers.find((each) => each.seq > seq).number}` });
  }
  const byNumber = new Map(vouchers.map((each) => [each.number, each]));
  const events = new Map(vouchers.map((each) => [each.seq, (byNumber.get(each.reverses) || each).event]));
  for (const each of vouchers) if (each.reverses && byNumber.has(each.reverses)) byNumber.get(each.reverses).undone = each.number;
  for (const each of vouchers) each.event = events.get(each.seq);
  if (note.counts !== null) {
    const made = `vouchers=${[...found.keys()].filter((seq) => !later.has(seq)).length} budget-lines=${coveredLines}`;
    report.counted = true;
    if (made !== note.counts) find('counted', { found: made, expected: note.counts });
  }
  report.withheld = withheld.size;
  report.vouchers = vouchers.length;
  for (const each of proof.since) await growth(report, find, each, keys, note);
  if (proof.office !== null) await readOffice(report, find, proof.office, stated, note, keys);
  for (const [typed, turned] of Object.entries(stated.turned)) {
    if (typed.replace(/[^0-9]/g, '') !== text(turned).replace(/[^0-9]/g, '')) throw new Error('turned');
  }
  return { book, stated, sources, lines, vouchers, withheld, later, laterLines, note, checkpoint: proof.checkpoint };
}

async function readOffice(report, find, told, stated, book, keys) {
  const by = await readKey(told.vkey), note = readNote(told.checkpoint), known = new Map(), leaves = new Map();
  if (!await signedBy(note, by)) throw new Error('signature');
  for (const leaf of told.leaves) {
    const made = JSON.parse(leaf);
    known.set(whole(made.position), await Leaf(leaf));
    leaves.set(`${made.kind} ${made.data.code}`, made.data);
    if (made.log !== 'office') find('other-book', { found: made.log, expected: 'office' });
  }
  if (note.origin !== `${book.origin.slice(0, book.origin.lastIndexOf('/'))}/office`) find('other-book', { found: note.origin, expected: 'office' });
  if (known.size && !await sameRoot(note.size, known, told.beside, note.root)) find('root', { size: note.size });
  const { village, book: of, channels } = stated;
  const said = [[`village ${village.code}`, village.code, { name: village.name, township: village.township }],
    [`book ${of.code}`, of.code, { name: of.name, chart: of.chart }],
    ...channels.map(([code, source, name]) => [`channel ${code}`, code, { source, name }])];
  for (const [key, what, facts] of said) {
    if (!leaves.has(key)) continue;
    for (const [name, value] of Object.entries(facts)) {
      if (leaves.get(key)[name] !== value) find('named', { what, found: value, expected: leaves.get(key)[name] });
    }
  }
  report.named = channels.every(([code]) => leaves.has(`channel ${code}`)) && keys.some(({ vkey }) => vkey === told.vkey);
}

function sheetOf(opened) {  // figures, contracts and lists of every project
  const { figures, own, contracted, shown } = TEXTS.pages;
  const isOwn = (channel) => opened.sources.get(channel) === 'collective';
  const weightsOf = (figure, channel) => (figure === 'received' && isOwn(channel) ? own : figures[figure]);
  const sum = (rows, weights) => rows.reduce((so, [, , role, amount]) => so + BigInt(weights[role] || 0) * amount, 0n);
  const every = opened.vouchers.flatMap((each) => each.moved);
  const movements = (project, figure) => opened.vouchers.filter((each) => each.project === project).map((voucher) => {
    const channels = [...new Set(voucher.moved.map(([, channel]) => channel))];
    const parts = channels.map((channel) => [channel, sum(voucher.moved.filter((row) => row[1] === channel), weightsOf(figure, channel))]);
    return { voucher, parts: parts.filter(([, amount]) => amount !== 0n) };
  }).filter((each) => each.parts.length);
  const zero = () => Object.fromEntries(['planned', ...shown].map((name) => [name, 0n]));
  const add = (one, other) => Object.fromEntries(Object.keys(one).map((name) => [name, one[name] + other[name]]));
  const projects = opened.stated.projects.map(([code, title, name]) => {
    const lines = [...(opened.lines.get(code) || new Map())].map(([channel, planned]) => {
      const rows = every.filter((row) => row[0] === code && row[1] === channel);
      return [channel, { planned, ...Object.fromEntries(shown.map((figure) => [figure, sum(rows, weightsOf(figure, channel))])) }];
    });
    const total = lines.reduce((so, [, each]) => add(so, each), zero());
    const standing = (each) => !each.reverses && !each.undone;
    const ofContract = (contract, weights) => opened.vouchers.filter((each) => each.contract === contract)
      .reduce((so, each) => so + sum(each.moved, weights), 0n);
    const contracts = opened.vouchers.filter((each) => each.event === 'contract' && !each.reverses && each.project === code)
      .sort((one, other) => (one.contract < other.contract ? -1 : one.contract > other.contract ? 1 : one.seq - other.seq))
      .map((signed) => ({
        signed,
        amount: signed.undone ? 0n : ofContract(signed.contract, contracted),
        certified: signed.undone ? 0n : ofContract(signed.contract, figures.certified),
        paid: signed.undone ? 0n : ofContract(signed.contract, figures.paid),
      }));
    const results = opened.vouchers.filter((each) => each.event === 'acceptance' && each.project === code && standing(each));
    const begun = total.certified || contracts.some((each) => !each.signed.undone);
    return { code, title, name, lines, total, contracts, results, receipts: movements(code, 'received'),
      payments: movements(code, 'paid'), state: results.length ? 'accepted' : begun ? 'underway' : 'planned' };
  });
  const partsOf = (seqs) => Object.fromEntries(shown.map((figure) => [figure, opened.vouchers.filter((each) => seqs.has(each.seq))
    .flatMap((each) => each.moved.map(([project, channel, role, amount]) =>
      [project, each.seq, BigInt(weightsOf(figure, channel)[role] || 0) * amount])).filter(([, , amount]) => amount)]));
  return { projects, withheld: partsOf(opened.withheld), unsigned: { planned: opened.laterLines, ...partsOf(opened.later) }, zero, add };
}

function pagesOf(opened, sheet, tag) {  // makes the words of the proved blocks of a page, by its name
  const T = TEXTS.pages.words[tag], room = TEXTS.pages.room, { stated } = opened;
  const t = (key, facts = {}) => filled(T[key], facts);
  const own = (typed) => (tag === 'zh-Hant' ? stated.turned[typed] ?? typed : typed);
  const channels = new Map(stated.channels.map(([code, , name]) => [code, own(name)]));
  const party = (name) => (name === PERSONS ? t('persons') : own(name));
  const event = (name) => T[`event.${name}`] ?? t('other');
  const share = (part, of) => (of <= 0n ? 0n : (part < 0n ? 0n : part) * 1000n / of);
  const percent = (thousandths) => `${thousandths / 10n}.${thousandths % 10n}%`;
  const bar = (thousandths) => `=${thousandths < 1000n ? thousandths : 1000n}`;
  const wan = (amount) => {
    const size = amount < 0n ? -amount : amount;
    if (size < 1000000n) return '';
    const rounded = (size + 5000n) / 10000n;
    const plain = `${rounded / 100n}.${String(rounded % 100n).padStart(2, '0')}`.replace(/0+$/, '').replace(/\.$/, '');
    return t(amount % 10000n === 0n ? 'wan' : 'wan-about', { wan: amount < 0n ? `-${plain}` : plain });
  };
  const cell = (name, amount, more = false) => [`@${t(`figure.${name}`)}`, yuan(amount), ...(more ? [wan(amount)] : [])];
  const block = (name, words) => ({ name, words: words.filter((each) => each !== '') });
  const letters = (typed) => room.letter * [...typed].reduce((so, each) => so + ({ '&': 5, '<': 4, '>': 4, "'": 5, '"': 5 }[each] || 1), 0);
  const cut = (rows, weight, size) => {
    const pieces = [];
    let left = 0;
    for (const row of rows) {
      const heavy = weight(row);
      if (!pieces.length || heavy > left) { pieces.push([]); left = size; }
      pieces[pieces.length - 1].push(row);
      left -= heavy;
    }
    return pieces;
  };
  const few = ['planned', 'received', 'certified', 'paid', 'left'];
  const many = ['planned', 'allotted', 'received', 'certified', 'paid', 'retention', 'left'];
  const heads = (first, names) => [t(first), ...names.map((name) => t(`figure.${name}`))];
  const glance = (total) => block('glance', [t('figure.planned'), yuan(total.planned), wan(total.planned),
    ...['received', 'certified', 'paid'].flatMap((name) => {
      const part = share(total[name], total.planned);
      return [t(`figure.${name}`), yuan(total[name]), wan(total[name]), bar(part), t('share-of-plan', { percent: percent(part) })];
    })]);
  const last = opened.vouchers[opened.vouchers.length - 1];
  const check = block('check', last ? [t('check'),
    t('check-count', { count: opened.vouchers.length, number: `V${last.number}`, date: last.date }), t('check-leaf'), last.hash,
    t('check-note'), t('check-signed', { size: opened.note.size }), opened.checkpoint.trim(), t('check-signed-note'),
    t('check-proof'), 'proof.json', t('check-verify')] : [t('check'), t('check-none')]);
  const sumOf = (rows) => rows.reduce((so, each) => sheet.add(so, each.total), sheet.zero());

  const listed = (rows, parted, first) => block('by-project', [t('by-project-caption'), ...heads('project-name', few),
    ...rows.flatMap((each) => [own(each.name), `${each.code} · ${t(`state.${each.state}`)}`, ...few.flatMap((name) => cell(name, each.total[name]))]),
    ...(parted ? [t('total-page', { count: rows.length }), ...few.flatMap((name) => cell(name, sumOf(rows)[name]))] : []),
    ...(first ? [parted ? t('total-all', { count: sheet.projects.length }) : t('total'),
      ...few.flatMap((name) => cell(name, sumOf(sheet.projects)[name], true))] : [])]);
  const byChannel = (reachable) => {
    const codes = [...new Set(sheet.projects.flatMap((each) => each.lines.map(([channel]) => channel)))].sort();
    return block('by-channel', [t('by-channel'), t('by-channel-caption'), ...heads('channel-name', few), t('reached'),
      ...codes.flatMap((channel) => {
        const of = sheet.projects.flatMap((each) => each.lines.filter(([code]) => code === channel).map(([, line]) => [each, line]));
        const sums = of.reduce((so, [, line]) => sheet.add(so, line), sheet.zero());
        const reached = of.filter(([, line]) => line.allotted || line.received || line.certified || line.paid).map(([each]) => own(each.title));
        const named = reachable === null ? reached : reached.slice(0, reachable);
        const said = named.flatMap((title, at) => (at ? ['·', title] : [title]));
        return [channels.get(channel), channel, ...few.flatMap((name) => cell(name, sums[name])), `@${t('reached')}`,
          ...(said.length ? said : [t('reached-none')]),
          ...(named.length < reached.length ? [t('reached-more', { count: reached.length })] : [])];
      })]);
  };
  const village = (number) => {
    const [counts, , reachable] = stated.layout, start = counts.slice(0, number - 1).reduce((so, each) => so + each, 0);
    if (number > Math.max(1, counts.length) || counts.reduce((so, each) => so + each, 0) !== sheet.projects.length) return null;
    const rows = sheet.projects.slice(start, start + (counts[number - 1] || 0)), name = own(stated.village.name);
    const township = own(stated.village.township), lead = (township ? `${township} · ` : '') + own(stated.book.name);
    const head = [block('title', [number === 1 ? name : t('page.list', { village: name, number })]), block('lead', [lead])];
    const names = ['index.html', ...counts.slice(1).map((_, at) => `projects-${at + 2}.html`)], heading = head[0].words[0];
    if (!sheet.projects.length) return { kind: 'empty', names, number, heading, blocks: [...head, check] };
    const list = listed(rows, counts.length > 1, number === 1);
    const blocks = number === 1 ? [...head, glance(sumOf(sheet.projects)), list, byChannel(reachable), check] : [...head, list, check];
    return { kind: number === 1 ? 'village' : 'list', names, number, heading, blocks };
  };

  const contractTable = (rows, only) => [t(only ? 'contracts-caption' : 'contracts-caption-part'),
    ...['contract-name', 'contractor', 'signed', 'contract-amount', 'figure.certified', 'figure.paid'].map((key) => t(key)),
    ...rows.flatMap(({ signed, amount, certified, paid }) => [own(signed.name),
      signed.contract + (signed.undone ? ` · ${t('contract-reversed', { number: `V${signed.undone}` })}` : ''),
      `@${t('contractor')}`, party(signed.payee), `@${t('signed')}`, signed.date, `@${t('contract-amount')}`, yuan(amount),
      ...cell('certified', certified), ...(amount ? [percent(share(certified, amount))] : []), ...cell('paid', paid)])];
  const works = (project, rows, only) => {
    const amount = project.contracts.reduce((so, each) => so + each.amount, 0n);
    const certified = project.contracts.reduce((so, each) => so + each.certified, 0n), done = share(certified, amount);
    const signed = project.contracts.filter((each) => !each.signed.undone).map((each) => each.signed);
    const days = signed.map((each) => each.date).sort();
    const milestones = only ? signed.flatMap((each) => [each.date, t('milestone-contract', { contract: each.contract })])
      : [t('milestone-contracts', { count: signed.length, first: days[0], last: days[days.length - 1] })];
    return block('works', [t('progress'),
      ...(amount ? [t('progress-text', { certified: yuan(certified), amount: yuan(amount), percent: percent(done) }), bar(done)] : [t('milestone-none')]),
      ...(signed.length || project.results.length ? [t('milestones'), ...milestones,
        ...project.results.flatMap((each) => [each.date, t('milestone-accepted')])] : []),
      ...(project.contracts.length ? [t('contracts'), ...contractTable(rows, only)] : [])]);
  };
  const entries = (name, rows, other, only) => block(name, [t(name), ...(rows.length ? [
    t(only ? `${name}-caption` : `${name}-caption-part`), ...['number', 'date', 'kind', other, 'channel-name', 'amount'].map((key) => t(key)),
    ...rows.flatMap(({ voucher, parts }) => [`V${voucher.number}`, voucher.date, event(voucher.event),
      voucher.reverses ? t('reverses', { number: voucher.reverses }) : voucher.undone ? t('reversed-by', { number: voucher.undone }) : '',
      party(voucher.payee), ...parts.flatMap(([channel, amount]) => [channels.get(channel), yuan(amount)])])] : [t(`${name}-none`)])]);
  const project = (code, number) => {
    const found = sheet.projects.find((each) => each.code === code);
    if (!found) return null;
    const weight = ({ voucher, parts }) => room.voucher + room.part * parts.length + letters(voucher.payee);
    const receipts = cut(found.receipts, weight, room.list), payments = cut(found.payments, weight, room.list);
    const contracts = cut(found.contracts, ({ signed }) => room.contract + letters(signed.name) + letters(signed.payee), room.contracts);
    const count = Math.max(1, receipts.length, payments.length, contracts.length), at = number - 1;
    if (number > count) return null;
    const name = own(found.name), only = contracts.length <= 1, of = (pieces) => pieces[at] || [];
    const head = [block('title', [number === 1 ? name : t('list-title', { name, number })]), block('lead', [`${code} · ${t(`state.${found.state}`)}`])];
    const money = block('money', [t('money-by-channel'), t('money-by-channel-caption'), ...heads('channel-name', many),
      ...found.lines.flatMap(([channel, line]) => [channels.get(channel), channel, ...many.flatMap((each) => cell(each, line[each], each === 'planned'))]),
      t('total'), ...many.flatMap((each) => cell(each, found.total[each], each === 'planned'))]);
    const undone = [...of(receipts), ...of(payments)].some(({ voucher }) => voucher.reverses || voucher.undone);
    const names = [`${code}.html`, ...Array.from({ length: count - 1 }, (_, at_) => `${code}-${at_ + 2}.html`)];
    const blocks = [...head, ...(number === 1 ? [glance(found.total), money, works(found, of(contracts), only)] : []),
      ...(number > 1 && of(contracts).length ? [block('contracts', [t('contracts'), ...contractTable(of(contracts), only)])] : []),
      ...(number === 1 || of(receipts).length ? [entries('receipts', of(receipts), 'paid-by', count === 1)] : []),
      ...(number === 1 || of(payments).length ? [entries('payments', of(payments), 'payee', count === 1)] : []),
      ...(undone ? [block('note', [t('reversed-note')])] : []), check];
    return { kind: number === 1 ? 'project' : 'more', names, number, heading: head[0].words[0], project: found, blocks };
  };
  return (name) => {
    const found = /^([^/]+)\/(?:(index)|projects-([0-9]+)|(P[0-9]+)(?:-([0-9]+))?)\.html$/.exec(name);
    if (!found || found[1] !== opened.book || ['0', '1'].includes(found[3]) || ['0', '1'].includes(found[5])) return null;
    return found[4] ? project(found[4], Number(found[5] || 1)) : village(found[2] ? 1 : Number(found[3]));
  };
}

// ---- The rest of the page: everything but the blocks and what is stated, as the templates frame it.
const VOID_TAGS = new Set('meta link br img input hr'.split(' '));
const MARKS = { village: '\ue001', title: '\ue003', date: '\ue004', first: '\ue005' };
const LINK = /^(?:\.\.\/)*(?:[A-Za-z0-9-]+\/)?[A-Za-z0-9-]+\.(?:html|json)$/;
const shownToken = (token) => (!token ? '' : token[0] === '<' ? `<${token.slice(1).join(' ')}>` : token[0] === '>' ? `</${token[1]}>` : token[1]);
const attributesOf = (node) => Array.from(node.attributes, (each) => [each.name.toLowerCase(), each.value])
  .sort(([one], [other]) => (one < other ? -1 : 1));

function streamOf(page) {
  const made = new DOMParser().parseFromString(page, 'text/html'), tokens = [], pagers = [];
  const emit = (node, into, whole) => {
    if (node.nodeType === 3) { if (node.data.trim()) into.push(['=', node.data.trim()]); return; }
    if (node.nodeType === 10) { into.push(['!', `doctype ${node.name}${node.publicId}${node.systemId}`]); return; }
    if (node.nodeType !== 1) { into.push(['!', `<!--${node.data}-->`]); return; }
    const tag = node.localName.toLowerCase();
    if (!whole && (node.hasAttribute('data-stated') || node.hasAttribute('data-proof'))) return;
    if (!whole && tag === 'nav' && node.getAttribute('class') === 'pager') { pagers.push(node); return; }
    into.push(['<', tag, ...attributesOf(node).map(([name, value]) => `${name}=${value}`)]);
    node.childNodes.forEach((each) => emit(each, into, whole));
    if (!VOID_TAGS.has(tag)) into.push(['>', tag]);
  };
  made.childNodes.forEach((each) => emit(each, tokens, false));
  const wholeOf = (node) => { const into = []; emit(node, into, true); return into; };
  const blocks = Array.from(made.querySelectorAll('[data-proof]'));
  const stated = Array.from(made.querySelectorAll('[data-stated]')).filter((each) => !each.parentElement.closest('[data-stated]'));
  return { tokens, pagers: pagers.map(wholeOf), blocks, stated };
}

const knownClass = (value) => value.split(/\s+/).filter(Boolean).every((each) => TEXTS.pages.classes.includes(each));

function* misplaced(stream, t) {  // what of the stated parts, or in one, has no place
  const order = TEXTS.pages.parts.map(([name]) => name);
  let last = -1;
  for (const node of stream.stated) {
    const name = node.getAttribute('data-stated'), at = order.indexOf(name);
    if (at < 0) { yield name || 'data-stated'; continue; }
    const [, heading, before] = TEXTS.pages.parts[at];
    if (name === 'place') {
      if (node.parentElement.localName !== before || node.nextSibling) yield name;
    } else {
      let next = node.nextElementSibling;
      while (next && next.hasAttribute('data-stated')) next = next.nextElementSibling;
      if (at <= last || !next || (next.getAttribute('data-proof') !== before && next.getAttribute('class') !== before)) yield name;
      last = at;
    }
    const said = heading ? t(heading, { scheme: '' }) : '';
    for (const each of [node, ...node.querySelectorAll('*')]) {
      const partLink = new RegExp(`^(?:${TEXTS.pages.allowed.link})$`);
      const fits = ([key, value]) => (key === 'class' ? knownClass(value) : key === 'href' ? partLink.test(value)
        : key === 'marker-start' || key === 'marker-mid' ? /^url\(#mark-[a-z]+\)$/.test(value) : TEXTS.pages.allowed.attributes.includes(key));
      if (!TEXTS.pages.allowed.tags.includes(each.localName.toLowerCase()) || !attributesOf(each).every(fits)) yield `<${each.localName}>`;
      if (each.localName === 'h2' && !(said && each.textContent.trim().startsWith(said))) yield each.textContent.trim();
    }
    const comments = node.ownerDocument.createTreeWalker(node, NodeFilter.SHOW_COMMENT);
    if (comments.nextNode()) yield '<!--';
  }
}

function frameOf(opened, tag, at, made, t, own) {  // the tokens that a page has besides its blocks
  const { kind, names, number, heading, project } = made, { places, demonstration, feed } = opened.stated.site;
  const tags = TEXTS.pages.tags, here = places.find(([tongue]) => tags[tongue] === tag);
  if (!here || places.some(([tongue, folder]) => !tags[tongue] || !/^(?:[A-Za-z-]+\/)?$/.test(folder))) return null;
  const top = '../'.repeat((here[1] + at).split('/').length - 1), many = places.length > 1;
  const village = own(opened.stated.village.name), last = opened.vouchers[opened.vouchers.length - 1];
  const title = `${heading} · ${kind === 'project' || kind === 'more' ? village : t('site')}`;
  const marks = [[MARKS.village, village], [MARKS.title, project ? own(project.title) : ''], [MARKS.date, last ? last.date : ''], [MARKS.first, names[0]]];
  const fill = (said) => marks.reduce((so, [mark, value]) => so.split(mark).join(value), said).replace(/^href=\.\.\/style\.css$/, `href=${top}style.css`);
  const tokens = [];
  let tools = 0;
  for (const raw of TEXTS.pages.frames[tag][kind]) {
    const before = tokens[tokens.length - 1] || [], is = (...token) => JSON.stringify(raw) === JSON.stringify(token);
    if (is('<', 'p', 'class=rule') && many && tag === 'zh-Hant') tokens.push(['<', 'p', 'class=note'], ['=', t('turned')], ['>', 'p']);
    if (before[1] === 'title' && before[0] === '<') tokens.push(['=', title]);
    else if (!last && raw[1].includes(MARKS.date)) tokens.push(['=', t('data-none')]);
    else tokens.push(raw.map(fill));
    if (raw[1] === 'link' && raw.includes('rel=icon')) {
      const link = (folder, language) => ['<', 'link', `href=${top}${folder}${at}`, `hreflang=${language}`, 'rel=alternate'];
      if (many) tokens.push(...places.map(([tongue, folder]) => link(folder, tags[tongue])), link(places[0][1], 'x-default'));
      if (feed) tokens.push(['<', 'link', `href=${top}feed.xml`, 'rel=alternate', `title=${t('site')}`, 'type=application/atom+xml']);
    }
    if (is('<', 'body') && demonstration) {
      tokens.push(['<', 'aside', `aria-label=${t('demonstration')}`, 'class=demonstration'], ['=', t('demonstration-banner')], ['>', 'aside']);
    }
    if (is('>', 'nav') && many && !tools) {
      tools = 1;
      tokens.push(['<', 'nav', `aria-label=${t('languages')}`, 'class=tongues']);
      for (const [tongue, folder] of places) {
        tokens.push(...(tags[tongue] === tag ? [['<', 'strong', 'aria-current=true'], ['=', TEXTS.pages.names[tongue]], ['>', 'strong']]
          : [['<', 'a', `href=${top}${folder}${at}`, `hreflang=${tags[tongue]}`, `lang=${tags[tongue]}`], ['=', TEXTS.pages.names[tongue]], ['>', 'a']]));
      }
      tokens.push(['>', 'nav']);
    }
  }
  const pager = (label) => {
    const link = (name, said, rel) => [['<', 'a', `href=${name}`, ...(rel ? [`rel=${rel}`] : [])], ['=', t(said)], ['>', 'a']];
    return [['<', 'nav', `aria-label=${t(label)}`, 'class=pager'],
      ...(number > 2 ? link(names[0], 'page.first') : []), ...(number > 1 ? link(names[number - 2], 'page.before', 'prev') : []),
      ['<', 'strong', 'aria-current=page'], ['=', t('page.number', { number, count: names.length })], ['>', 'strong'],
      ...(number < names.length ? link(names[number], 'page.next', 'next') : []),
      ...(number < names.length - 1 ? link(names[names.length - 1], 'page.last') : []), ['>', 'nav']];
  };
  const pagers = names.length > 1 ? ['page.projects', 'page.above', 'list-pages'].map((label) => JSON.stringify(pager(label))) : [];
  return { tokens, pagers };
}

function compareAll(find, page, frame, t) {
  const stream = streamOf(page);
  for (let at = 0; at < Math.max(stream.tokens.length, frame.tokens.length); at += 1) {
    const found = stream.tokens[at], wanted = frame.tokens[at];
    if (JSON.stringify(found) !== JSON.stringify(wanted)) { find('frame', { found: shownToken(found), expected: shownToken(wanted) }); return; }
  }
  const stray = stream.pagers.find((each) => !frame.pagers.includes(JSON.stringify(each)));
  if (stray || (frame.pagers.length && !stream.pagers.length) || stream.pagers.length > 2) {
    find('frame', { found: stray ? shownToken(stray[0]) : '', expected: '' });
    return;
  }
  for (const block of stream.blocks) {
    for (const each of [block, ...block.querySelectorAll('*')]) {
      if (each.closest('[data-stated]')) continue;
      const wrong = attributesOf(each).find(([name, value]) => (name === 'class' && !knownClass(value)) || (name === 'href' && !LINK.test(value)));
      if (wrong) { find('frame', { found: `<${each.localName} ${wrong.join('=')}>`, expected: '' }); return; }
    }
  }
  for (const found of misplaced(stream, t)) find('stated', { found });
}

async function checkPages(proof, page, known, report, find, style) {
  const { by, keys } = await signersOf(proof, known, report, find), note = readNote(proof.checkpoint);
  if (!await signedBy(note, by)) throw new Error('signature');
  report.origin = note.origin; report.size = note.size; report.title = '';
  const opened = await openPages(report, find, proof, keys, note), sheet = sheetOf(opened);
  report.title = text(opened.stated.village.name);
  if (page === null) return;
  const read = readPage(page), code = (/\/(P[0-9]+)[-.]/.exec(read.page) || [])[1];
  report.stated = read.stated; report.page = read.page;
  const partsHere = (parts) => Object.entries(parts).map(([figure, rows]) => {
    const mine = rows.filter(([project]) => (code ? project === code : sheet.projects.some((each) => each.code === project)));
    const count = figure === 'planned' ? mine.length : new Set(mine.map(([, seq]) => seq)).size;
    return [figure, count, mine.reduce((so, [, , amount]) => so + amount, 0n)];
  }).filter(([, count]) => count);
  report.part = partsHere(sheet.withheld);
  report.unsigned = partsHere(sheet.unsigned);
  if (read.page && !read.page.includes('/')) { find('county', { page: read.page }); return; }
  if (read.note.trim() !== opened.checkpoint.trim()) {
    const [origin, size] = read.note.trim().split('\n');
    if (origin !== note.origin) find('other-book', { found: origin, expected: note.origin });
    else find('checkpoint', { found: size, expected: note.size });
  }
  const T = TEXTS.pages.words[read.lang], t = (key, facts = {}) => filled(T[key], facts);
  const own = (typed) => (read.lang === 'zh-Hant' ? opened.stated.turned[typed] ?? typed : typed);
  const made = T ? pagesOf(opened, sheet, read.lang)(read.page) : null;
  const frame = made && frameOf(opened, read.lang, read.page, made, t, own);
  if (!frame) { find('page', { page: read.page, book: opened.book }); return; }
  const expected = made.blocks;
  if (read.strange) find('markup', { tag: read.strange });
  for (const found of read.outside) find('outside', { found });
  const bare = (words) => words.replace(/^[@=]+/, '');
  for (let at = 0; at < Math.max(expected.length, read.blocks.length); at += 1) {
    const wanted = expected[at], found = read.blocks[at];
    if (!wanted || !found || wanted.name !== found.name) {
      find('block', { where: bare(wanted ? wanted.words[0] || '' : (found.words[0] || ['', ''])[1]) });
      return;
    }
  }
  for (const [at, { name, words }] of expected.entries()) {
    const found = read.blocks[at].words, wrong = words.findIndex((each, place) => (found[place] || [])[1] !== each);
    if (name === 'title' && found.length) report.title = found[0][1];
    report.words += words.length;
    if (wrong >= 0) {
      const [place, said] = found[wrong] || [(found[found.length - 1] || [name])[0], ''], right = bare(words[wrong]);
      // Where a heading itself was changed, the place is that of the right one.
      const where = said && place.endsWith(bare(said)) ? place.slice(0, -bare(said).length) + right : place;
      find('word', { where, found: bare(said), expected: right });
    } else if (found.length > words.length) find('more', { where: found[words.length][0], found: found[words.length][1] });
  }
  if (!report.problems.length) compareAll(find, page, frame, t);
  report.styled = style !== null;
  if (style !== null && hex(await sha(bytes(style))) !== TEXTS.pages.style) find('style');
}

function pageLines(report) {  // what is said of a page that is right
  const says = TEXTS.pages.says, lines = [filled(report.counted ? says['vouchers-counted'] : says.vouchers, report)];
  if (report.withheld) lines.push(filled(says.withheld, { count: report.withheld }));
  const parts = (pattern, found) => (found || []).map(([figure, count, amount]) => filled(pattern, { figure: TEXTS.pages.figure[figure], count, amount: yuan(amount) }));
  lines.push(...parts(says.part, report.part));
  if (report.later) lines.push(filled(says.later, { count: report.later }), ...parts(says.unsigned, report.unsigned));
  if (report.since) lines.push(filled(says.since, { size: report.since, now: report.size }));
  lines.push(...foreignLines(report));
  if (report.page && !report.styled) lines.push(says.unstyled);
  if (report.page) lines.push(filled(says.stated, { names: report.named ? says.names : says['names-all'], parts: report.stated.join(says.comma) }));
  return lines;
}
