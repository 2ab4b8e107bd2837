/* Looks for villages and projects by name in what the pages of this site say. Nothing is fetched but files of the site
   that lie beside this one, as scripts, because a page that is opened from a stick may read no others. */

(function () {
  "use strict";

  var MOST = 100; // so many are listed
  var WAIT = 150; // milliseconds after the last key
  var KILOBYTE = 1000;

  var folds = new Map();
  var files = []; // [name of the township or "", file, bytes]
  var villages = []; // { book, name, township, text }
  var projects = []; // { book, row, channels, contractors, text, name }
  var here = new Set(); // files that were read
  var asked = new Map(); // files that are being read
  var timer = 0;

  var form = document.getElementById("search");
  var input = document.getElementById("text");
  var scope = document.getElementById("scope");
  var said = document.getElementById("said");
  var list = document.getElementById("found");
  var words = form.dataset;
  var states = words.states.split("|");

  /* Letters of any width and case are one, and so are characters that are turned into each other. */
  function fold(text) {
    var folded = "";
    for (var letter of text.normalize("NFKC").toLowerCase()) {
      folded += folds.get(letter) || letter;
    }
    return folded;
  }

  function hasAll(text, looked) {
    return looked.every(function (each) { return text.includes(each); });
  }

  function hasOne(text, looked) {
    var folded = fold(text);
    return looked.some(function (each) { return folded.includes(each); });
  }

  function wanted() {
    return files.map(function (each) { return each[1]; }).filter(function (file) {
      return scope.value === "" || scope.value === file;
    });
  }

  /* Villages come first, then projects whose own name has it, then those whose village, channel or contractor has. */
  function find(text) {
    var looked = fold(text).split(/\s+/).filter(Boolean);
    var within = new Set(wanted());
    var found = { looked: looked, count: 0, rows: [] };
    if (!looked.length) {
      return found;
    }
    var later = [];
    var one = villages.filter(function (each) { return hasAll(each.text, looked); }).map(villageRow);
    projects.forEach(function (each) {
      if (within.has(each.file) && hasAll(each.text, looked)) {
        (hasAll(each.name, looked) ? one : later).push(each);
      }
    });
    found.count = one.length + later.length;
    found.rows = one.concat(later).slice(0, MOST);
    return found;
  }

  function villageRow(each) {
    return { href: each.book + "/index.html", title: each.name, small: [words.village, each.township] };
  }

  function projectRow(each, looked) {
    var row = each.row;
    var small = [row[0], states[row[3]], each.village, each.township];
    row[4].forEach(function (at) {
      if (hasOne(each.channels[at], looked)) {
        small.push(words.channel + " " + each.channels[at]);
      }
    });
    row[5].forEach(function (at) {
      if (hasOne(each.contractors[at], looked)) {
        small.push(words.contractor + " " + each.contractors[at]);
      }
    });
    return { href: each.book + "/" + row[0] + ".html", title: row[1], small: small };
  }

  function show(text) {
    var found = find(text);
    var rows = document.createDocumentFragment();
    found.rows.forEach(function (each) {
      var row = each.row ? projectRow(each, found.looked) : each;
      var item = document.createElement("li");
      var link = document.createElement("a");
      var small = document.createElement("small");
      link.href = row.href;
      link.textContent = row.title;
      small.textContent = row.small.filter(Boolean).join(" · ");
      item.append(link, small);
      rows.append(item);
    });
    list.textContent = "";
    list.append(rows);
    if (!found.looked.length) {
      say("");
    } else if (!found.count) {
      say(words.none, text.trim());
    } else {
      say(found.count > MOST ? words.most : words.found, String(found.count));
    }
    return found.count;
  }

  function say(text, value) {
    said.textContent = value === undefined ? text : text.split("%n").join(value);
  }

  function run() {
    // What the last key asked for is done now: later it would take away the line on which a reader stands.
    clearTimeout(timer);
    remember();
    var missing = wanted().filter(function (file) { return !here.has(file); });
    if (!missing.length) {
      show(input.value);
      return;
    }
    say(words.loading);
    Promise.all(missing.map(load)).then(function () { show(input.value); }, function () { say(words.failed); });
  }

  function load(file) {
    if (!asked.has(file)) {
      asked.set(file, new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = words.index + file;
        script.onload = resolve;
        script.onerror = function () {
          asked.delete(file);
          reject(new Error(file));
        };
        document.head.append(script);
      }));
    }
    return asked.get(file);
  }

  /* What was looked for stands behind the address, so that it is still there when a reader comes back. */
  function remember() {
    try {
      history.replaceState(null, "", "#" + encodeURIComponent(input.value));
    } catch (_refused) {
      // A browser that does not allow it forgets.
    }
  }

  function remembered() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch (_malformed) {
      return "";
    }
  }

  function option(value, text) {
    var made = document.createElement("option");
    made.value = value;
    made.textContent = text;
    scope.append(made);
  }

  function sized(bytes) {
    return words.size.replace("%n", String(Math.ceil(bytes / KILOBYTE)));
  }

  function begin() {
    var whole = files.reduce(function (sum, each) { return sum + each[2]; }, 0);
    option("", words.all + " (" + sized(whole) + ")");
    if (files.length > 1) {
      files.forEach(function (each) { option(each[1], each[0] + " (" + sized(each[2]) + ")"); });
      document.getElementById("where").hidden = false;
    }
    document.getElementById("without").hidden = true;
    form.hidden = false;
    input.value = remembered();
    if (input.value) {
      run();
    }
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    run();
  });
  scope.addEventListener("change", function () {
    if (input.value.trim()) {
      run();
    }
  });
  input.addEventListener("input", function () {
    clearTimeout(timer);
    // Where much has to be read first, a reader asks for it.
    if (files.length === 1 || wanted().every(function (file) { return here.has(file); })) {
      timer = setTimeout(run, WAIT);
    }
  });

  /* The files of the index call these. */
  window.earmark = {
    characters: function (pairs) {
      var letters = Array.from(pairs);
      for (var at = 0; at + 1 < letters.length; at += 2) {
        folds.set(letters[at], letters[at + 1]);
      }
    },
    names: function (known, rows) {
      files = known;
      villages = rows.map(function (row) {
        return { book: row[0], name: row[1], township: row[2], text: fold(row.join("\n")) };
      });
      begin();
    },
    projects: function (file, books) {
      here.add(file);
      books.forEach(function (book) {
        var around = fold([book[0], book[1], book[2]].join("\n"));
        var channels = book[3].map(fold);
        var contractors = book[4].map(fold);
        book[5].forEach(function (row) {
          var name = fold(row[0] + "\n" + row[1] + "\n" + row[2]);
          var more = row[4].map(function (at) { return channels[at]; });
          more = more.concat(row[5].map(function (at) { return contractors[at]; }));
          projects.push({
            file: file, book: book[0], village: book[1], township: book[2], channels: book[3], contractors: book[4],
            row: row, name: name, text: [name, around].concat(more).join("\n"),
          });
        });
      });
    },
    show: show,
  };
})();
