// The plain page: today's cost and the last interactions, read from the API every few seconds. Everything that came from a request, a
// model or a file is put in as text (textContent), never as HTML.
import { detailParts } from './detail.js';
import {
  clock,
  count,
  day,
  element,
  moment,
  money,
  named,
  promptName,
  tokensIn,
  tokensOut,
  whole,
} from './display.js';

const REFRESH_MS = 2000;
const PAGE_SIZE = 25;
const MAX_BACKOFF_MS = 30_000;

const byId = (id) => document.getElementById(id);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Older rows the reader asked for are kept below the live ones. */
const state = { older: [], olderCursor: null, failures: 0, latest: [] };

async function get(path) {
  const answer = await fetch(path, { headers: { accept: 'application/json' } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error?.message ?? `The console answered ${answer.status}.`);
  return body;
}

/** Cells are shown as blocks on narrow screens; the role keeps them cells for those who listen. */
function cell(text, className, title) {
  const made = element('td', text, className);
  made.setAttribute('role', 'cell');
  if (title !== undefined) made.title = title;
  return made;
}

/** A name of any length: cut off where there is no room, whole in its title. What stands behind it is never cut. */
function nameCell(name, className, ...behind) {
  const made = cell(undefined, className, name);
  made.append(element('span', named(name), 'name'), ...behind);
  return made;
}

function tableRow(...cells) {
  const made = document.createElement('tr');
  made.setAttribute('role', 'row');
  made.append(...cells);
  return made;
}

function row(interaction) {
  const at = new Date(interaction.at);
  const button = element('button', 'Details');
  button.type = 'button';
  button.setAttribute('aria-label', `Details of the interaction of ${moment.format(at)}`);
  button.addEventListener('click', () => void showDetail(interaction.id));
  const last = cell(undefined, 'more');
  last.append(button);
  const status = cell(undefined, 'outcome');
  status.append(element('span', interaction.status, `status ${interaction.status}`));
  const marks = interaction.simulated ? [element('span', 'simulated', 'tag')] : [];
  return tableRow(
    cell(clock.format(at), 'time', moment.format(at)),
    status,
    nameCell(promptName(interaction), 'prompt'),
    nameCell(interaction.model, 'model', ...marks),
    nameCell(interaction.user, 'wide'),
    cell(count(tokensIn(interaction.usage)), 'number wide'),
    cell(count(tokensOut(interaction.usage)), 'number wide'),
    cell(money(interaction.cost_usd), interaction.cost_usd === null ? 'number' : 'number cost'),
    cell(whole.format(Math.round(interaction.latency_ms)), 'number wide'),
    last,
  );
}

function showRows() {
  const seen = new Set(state.latest.map((interaction) => interaction.id));
  const shown = [...state.latest, ...state.older.filter((interaction) => !seen.has(interaction.id))];
  // The button in use keeps the focus over a refresh.
  const focused = [...byId('rows').querySelectorAll('button')].indexOf(document.activeElement);
  const focusedId = focused >= 0 ? state.shownIds?.[focused] : undefined;
  byId('rows').replaceChildren(...shown.map(row));
  state.shownIds = shown.map((interaction) => interaction.id);
  if (focusedId !== undefined)
    byId('rows').querySelectorAll('button')[state.shownIds.indexOf(focusedId)]?.focus();
  byId('empty').hidden = shown.length > 0;
  byId('list').hidden = shown.length === 0;
  byId('more').hidden = state.olderCursor === null;
  byId('notice').hidden = !shown.some((interaction) => interaction.simulated);
  byId('notice').textContent =
    'Answers marked “simulated” are replayed from a recording: no model was called. Their cost is what the recorded tokens would have cost.';
}

async function refreshInteractions() {
  const page = await get(`/api/interactions?limit=${PAGE_SIZE}`);
  // Rows pushed out of the live part stay visible when older ones are shown below them.
  if (state.older.length > 0) {
    const kept = new Set(state.older.map((interaction) => interaction.id));
    const fresh = new Set(page.interactions.map((interaction) => interaction.id));
    const pushedOut = state.latest.filter(({ id }) => !fresh.has(id) && !kept.has(id));
    state.older = [...pushedOut, ...state.older];
  } else state.olderCursor = page.next_cursor;
  state.latest = page.interactions;
  showRows();
}

async function showOlder() {
  const page = await get(
    `/api/interactions?limit=${PAGE_SIZE}&cursor=${encodeURIComponent(state.olderCursor)}`,
  );
  state.older = [...state.older, ...page.interactions];
  state.olderCursor = page.next_cursor;
  showRows();
}

function costRow(name, line) {
  return tableRow(nameCell(name), cell(whole.format(line.requests), 'number'), cell(line.cost_usd, 'number'));
}

async function refreshCost() {
  const query = `time_zone=${encodeURIComponent(zone)}&from=today&limit=10`;
  const [models, versions] = await Promise.all([
    get(`/api/cost/report?by=model&${query}`),
    get(`/api/cost/report?by=version&${query}`),
  ]);
  const { total } = models;
  byId('today-date').textContent = `${day.format(new Date())}, ${zone}`;
  byId('today-cost').textContent = `US$ ${total.cost_usd}`;
  byId('today-requests').textContent = whole.format(total.requests);
  byId('today-input').textContent = whole.format(
    total.input_tokens + total.cache_read_tokens + total.cache_write_tokens,
  );
  byId('today-output').textContent = whole.format(total.output_tokens + total.reasoning_tokens);
  byId('today-saved').textContent = `US$ ${total.saved_usd}`;
  byId('today-unpriced').hidden = total.unpriced_requests === 0;
  byId('today-unpriced').textContent =
    `${whole.format(total.unpriced_requests)} of today's interactions have no known price and are in no sum: give their model a price in models.yaml.`;
  byId('breakdown').hidden = total.requests === 0;
  byId('models').replaceChildren(...models.lines.map((line) => costRow(line.group, line)));
  byId('versions').replaceChildren(
    ...versions.lines.map((line) => costRow(line.group === '' ? 'no prompt' : line.group, line)),
  );
}

async function showDetail(id) {
  byId('detail-title').textContent = id;
  byId('detail-body').replaceChildren(element('p', 'Loading…'));
  byId('detail').showModal();
  try {
    const detail = await get(`/api/interactions/${encodeURIComponent(id)}`);
    byId('detail-body').replaceChildren(...detailParts(detail));
  } catch (error) {
    byId('detail-body').replaceChildren(element('p', error.message));
  }
}

async function refresh() {
  try {
    await Promise.all([refreshInteractions(), refreshCost()]);
    state.failures = 0;
    byId('state').textContent = `Live, ${clock.format(new Date())}`;
    byId('state').className = '';
  } catch (error) {
    state.failures += 1;
    byId('state').textContent = `Not up to date: ${error.message}`;
    byId('state').className = 'bad';
  }
}

async function loop() {
  if (!document.hidden) await refresh();
  setTimeout(() => void loop(), Math.min(REFRESH_MS * 2 ** Math.min(state.failures, 5), MAX_BACKOFF_MS));
}

// Rows may have been drawn anew while the dialog was open: the focus goes back to the same interaction's button.
byId('detail').addEventListener('close', () => {
  const position = state.shownIds.indexOf(byId('detail-title').textContent);
  byId('rows').querySelectorAll('button')[position]?.focus();
});
byId('more').addEventListener('click', () => void showOlder());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});
void loop();
