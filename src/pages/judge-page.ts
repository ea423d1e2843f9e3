import type { LocalPage } from './local-page.ts';
import { judgeStyle } from './judge-style.ts';

/** The page of `runner judge`. */
export const judgePage: LocalPage = {
  title: 'Blind test',
  style: judgeStyle,
  body: `<main>
<h1>Blind test</h1>
<div id="trouble" role="alert"></div>
<section id="start" aria-labelledby="start-title" hidden>
<h2 id="start-title"></h2>
<p id="what"></p>
<p>There is no time limit, and no result before the end. You can close this page at any time and continue later.</p>
<p class="quiet">These are private messages. Answer only if you may read them.</p>
<form id="begin">
<label><input type="checkbox" id="took-part"> I took part in these conversations</label>
<button class="main" id="go">Begin</button>
</form>
</section>
<section id="question" aria-labelledby="asked" hidden>
<div id="progress" role="status"></div>
<h2 id="asked" tabindex="-1"></h2>
<div id="before"><h3 id="before-title">Before</h3><ol id="context" aria-labelledby="before-title"></ol></div>
<div id="texts">
<div class="text"><div><h3 id="left-title">Text 1</h3><ol id="left" aria-labelledby="left-title"></ol></div><button type="button" class="main" id="choose-left"></button></div>
<div class="text" id="right-card"><div><h3 id="right-title">Text 2</h3><ol id="right" aria-labelledby="right-title"></ol></div><button type="button" class="main" id="choose-right"></button></div>
</div>
<div id="tools">
<button type="button" class="main" id="choose-generated" hidden></button>
<button type="button" id="known"><kbd>K</kbd>I remember this one</button>
<button type="button" id="undo"><kbd>U</kbd>Take the last answer back</button>
<button type="button" id="help"><kbd>?</kbd>Help</button>
<button type="button" id="stop">Stop here</button>
<label><input type="checkbox" id="single-keys" checked autocomplete="off"> Answer with single keys</label>
</div>
</section>
<section id="done" aria-labelledby="done-title" hidden>
<h2 id="done-title" tabindex="-1">Result</h2>
<div id="result"></div>
<p class="quiet">Your answers are saved. You can close this page.</p>
</section>
<dialog id="help-box" aria-labelledby="help-title">
<h2 id="help-title">Keys</h2>
<p id="keys"></p>
<p>Keys count from 0.4 seconds after a question appears. “Answer with single keys” below the question switches them off.</p>
<form method="dialog"><button class="main" autofocus>Close</button></form>
</dialog>
<dialog id="stop-box" aria-labelledby="stop-title">
<h2 id="stop-title">Stop here?</h2>
<p>You will see the result so far. You cannot answer any more questions afterwards, and there will be no conclusion. To take a break, just close the page.</p>
<form method="dialog"><button value="" class="main" autofocus>Keep answering</button> <button value="stop" id="really">Stop for good</button></form>
</dialog>
</main>`,
};
