// Puts what `Board.shown` says on the page. Text is always text, and a line that is too long is set smaller, never cut.

var Screen = (function () {
  'use strict';

  var SMALLEST = 0.4; // of a line's own size; by then it is a line of forty hanzi
  var pulsed = {}; // announcements that have pulsed; a picture drawn again does not start them anew

  function byId(id) {
    return document.getElementById(id);
  }

  function put(picture, layout, isSwapped) {
    var names = ['mode-' + picture.mode, 'layout-' + layout];
    if (picture.isSmall) names.push('small');
    if (!picture.panel) names.push('no-panel');
    if (isSwapped) names.push('swapped');
    if (picture.isLight) names.push('light');
    if (document.body.className !== names.join(' ')) document.body.className = names.join(' ');
    line('hall', picture.hall);
    line('zone', picture.zone);
    line('sentence-zh', picture.sentence.first);
    line('sentence-en', picture.sentence.second);
    line('idle-zh', picture.sentence.first);
    line('idle-en', picture.sentence.second);
    if (picture.panel) putPanel(picture.panel);
    list('rows', 'row', picture.rows, putRow);
    list('windows', 'window', picture.windows, putWindow);
    list('waiting', 'wait', picture.waiting, putWait);
    write(byId('page'), picture.page);
    line('notice', picture.notice);
  }

  // Answers whether anything changed.
  function write(element, text) {
    if (element.textContent === text) return false;
    element.textContent = text;
    return true;
  }

  function line(id, text) {
    var element = byId(id);
    if (write(element, text)) fit(element);
  }

  // Sets a line smaller until it fits its place. What is not shown has no width and is fitted when it is.
  function fit(element) {
    element.style.fontSize = '';
    var place = element.parentElement.clientWidth;
    if (element.clientWidth === 0 || place === 0) return;
    var own = parseFloat(getComputedStyle(element).fontSize);
    for (var share = 1; share >= SMALLEST && isTooLong(element); share -= 0.04) {
      element.style.fontSize = own * share + 'px';
    }
  }

  function isTooLong(element) {
    return element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1 + slack(element);
  }

  // Glyphs stand a little out of a tight line box.
  function slack(element) {
    return parseFloat(getComputedStyle(element).fontSize) * 0.35;
  }

  function fitAll() {
    Array.prototype.forEach.call(document.querySelectorAll('.fit'), fit);
  }

  function putPanel(panel) {
    line('panel-service', panel.service);
    line('panel-number', panel.number);
    line('panel-window', panel.window);
    line('panel-english', panel.second);
    write(byId('led-window'), panel.shortWindow);
  }

  // A new announcement pulses twice and holds; it is drawn once, whatever is drawn later.
  function pulse(element, version) {
    element.classList.remove('pulse');
    void element.offsetWidth;
    element.classList.add('pulse');
    pulsed[version] = true;
  }

  function announce(version) {
    pulse(byId('panel'), 'panel ' + version);
  }

  // For screen readers.
  function mirror(text) {
    write(byId('mirror'), text);
  }

  function list(id, template, items, fill) {
    var parent = byId(id);
    while (parent.children.length > items.length) parent.removeChild(parent.lastElementChild);
    items.forEach(function (item, index) {
      var row = parent.children[index];
      if (!row) {
        row = byId(template).content.firstElementChild.cloneNode(true);
        parent.appendChild(row);
      }
      if (fill(row, item)) fit(row);
    });
  }

  function part(row, name, words) {
    return write(row.querySelector('.' + name), words);
  }

  function putRow(row, item) {
    var changes = [part(row, 'number', item.number), part(row, 'window', item.window), part(row, 'state', item.state)];
    row.classList.toggle('paused', item.isPaused);
    var version = String(item.version);
    if (row.dataset.version !== version) {
      row.dataset.version = version;
      row.classList.remove('pulse');
      if (item.isFresh && !pulsed['row ' + version]) pulse(row, 'row ' + version);
    }
    return changes.some(Boolean);
  }

  function putWindow(row, item) {
    row.classList.toggle('paused', item.isPaused);
    return [part(row, 'name', item.name), part(row, 'state', item.state)].some(Boolean);
  }

  function putWait(row, item) {
    return [part(row, 'name', item.name), part(row, 'amount', item.amount)].some(Boolean);
  }

  // The strip names the moment of the last picture; after five minutes the picture is taken down.
  function putHealth(health, words, time) {
    byId('stale').hidden = health !== 'stale';
    byId('away').hidden = health !== 'away';
    write(byId('stale'), words.stale(time));
  }

  // `staff` is null on a board in the waiting room, where nobody can mend what it says.
  function putSound(isSuspended, staff) {
    byId('sound').hidden = !isSuspended;
    byId('staff').hidden = !staff;
    if (!staff) return;
    byId('staff').className = staff.isOn ? 'on' : 'off';
    write(byId('staff-sound'), staff.sound);
    write(byId('staff-more'), staff.more.filter(Boolean).join(' · '));
  }

  function moveBy(shift) {
    byId('orbit').style.transform = 'translate(' + shift[0] + 'px, ' + shift[1] + 'px)';
  }

  return {
    put: put,
    write: write,
    announce: announce,
    mirror: mirror,
    putHealth: putHealth,
    putSound: putSound,
    moveBy: moveBy,
    fitAll: fitAll,
    byId: byId,
  };
})();
