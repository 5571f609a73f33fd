// Which columns a list shows, on the traces of lists.mjs.
import assert from 'node:assert/strict';
import { checkAccessibility, checkThemes, takePicture, themes } from '../guarded_page.mjs';
import { opened, path, total } from './lists.mjs';

async function columns(subject) {
  const view = await opened(subject, '?of=spans&q=kind%3Atool');
  const { page } = view;
  const heads = () => page.getByRole('columnheader').allInnerTexts();
  await total(page, '4 spans, 4 with errors');
  await page.getByRole('columnheader').first().waitFor();
  const usual = ['Start, CET', 'Name', 'Duration', 'Tokens in → out', 'Cost', 'Status', 'Input', 'Output'];
  assert.deepEqual(await heads(), usual); // of ten: there is no room for the others beside the facets
  const choice = page.getByRole('group', { name: 'Columns of this list' });
  await choice.getByRole('button', { name: 'Columns' }).press('Enter');
  assert.ok(await choice.getByRole('checkbox', { name: 'Name' }).isDisabled());
  for (const name of ['Model', 'Tokens in → out', 'Cost', 'Input', 'Output'])
    await choice.getByRole('checkbox', { name }).uncheck();
  await choice.getByRole('checkbox', { name: 'User' }).check();
  await choice.getByRole('checkbox', { name: 'Trace id' }).check();
  const shown = ['Start, CET', 'Name', 'Duration', 'Status', 'Service', 'User', 'Trace id'];
  await page.getByRole('columnheader', { name: 'Trace id' }).waitFor();
  assert.deepEqual(await heads(), shown);
  assert.equal(new URL(page.url()).searchParams.get('cols'), 'start,name,duration,status,service,user,trace');
  await checkThemes(page, 'columns to choose from', 'lists-columns');
  await page.keyboard.press('Escape');
  assert.equal(await choice.getByRole('checkbox').count(), 0);

  // A link, and a saved view, show the same.
  await view.reload();
  await total(page, '4 spans, 4 with errors');
  await page.getByRole('columnheader', { name: 'Trace id' }).waitFor();
  assert.deepEqual(await heads(), shown);
  const views = page.getByRole('group', { name: 'Saved views' });
  await views.getByRole('button', { name: 'Views' }).click();
  await views.getByRole('textbox').fill('tools');
  await views.getByRole('button', { name: 'Save', exact: true }).click();
  await page.keyboard.press('Escape');
  await view.open(path);
  await total(page, '40 traces, 4 with errors');
  await views.getByRole('button', { name: 'Views' }).click();
  await views.getByRole('button', { name: 'tools kind:tool' }).click();
  await total(page, '4 spans, 4 with errors');
  await page.getByRole('columnheader', { name: 'Trace id' }).waitFor();
  assert.deepEqual(await heads(), shown);
  await choice.getByRole('button', { name: 'Columns' }).click();
  await choice.getByRole('button', { name: 'As usual' }).click();
  await page.getByRole('columnheader', { name: 'Input' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('cols'), null);
  await view.close();
  // Those that were chosen all stay; the list alone scrolls sideways.
  const phone = await opened(subject, '?of=spans&cols=start,name,model,status,trace', { width: 390, height: 844 });
  await phone.page.getByRole('columnheader', { name: 'Trace id' }).waitFor();
  const widths = await phone.page.evaluate(() => {
    const grid = document.querySelector('[role=grid]');
    return { page: document.documentElement.scrollWidth - innerWidth, list: grid.scrollWidth > grid.clientWidth };
  });
  assert.deepEqual(widths, { page: 0, list: true });
  await takePicture(phone.page, 'lists-columns-390');
  await phone.close();
}

// Of ten usual columns two have no room beside the facets.
async function roomless(subject) {
  const view = await opened(subject, '?of=spans&q=kind%3Atool');
  const { page } = view;
  const choice = page.getByRole('group', { name: 'Columns of this list' });
  const grid = page.getByRole('grid', { name: 'Spans' });
  const head = (name) => grid.getByRole('columnheader', { name });
  await choice.getByRole('button', { name: 'Columns +2', exact: true }).press('Enter');
  await choice.getByText('No room for Model, Service.').waitFor();
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await checkAccessibility(page, `columns without room, ${theme}`);
    await takePicture(page, `lists-columns-roomless-${theme}`);
  }
  await choice.getByRole('button', { name: 'Show all' }).press('Enter');
  await head('Service').waitFor();
  assert.equal(await grid.getByRole('columnheader').count(), 10);
  assert.equal(new URL(page.url()).searchParams.get('cols'), 'all');
  // The names stay beside what is scrolled to.
  const moved = await grid.evaluate((list) => {
    list.scrollLeft = list.scrollWidth;
    return list.scrollLeft;
  });
  assert.ok(moved > 0);
  const [list, name] = [await grid.boundingBox(), await head('Name').boundingBox()];
  assert.ok(name.x >= list.x, `${name.x} ${list.x}`);
  await takePicture(page, 'lists-columns-all');
  await choice.getByRole('button', { name: 'Columns', exact: true }).press('Enter');
  await choice.getByRole('button', { name: 'As usual' }).press('Enter');
  await head('Service').waitFor({ state: 'detached' });
  await view.close();
}

export const listColumns = {
  'columns are chosen, linked to and kept in a view': columns,
  'columns without room are named, and all can be shown': roomless,
};
