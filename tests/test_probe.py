import sys; sys.path.insert(0,"/tmp/w")
import cases, json
from pathlib import Path
from ledger.errors import Refusal
from ledger.messages import explain
def test_all(new_clerk):
    out=[]
    for row in cases.CASES.splitlines():
        if not row or row.startswith("#"): continue
        story,id_,line=row.split("|")
        with new_clerk() as clerk:
            clerk.play(getattr(cases,story))
            try: r=clerk.try_draft(line)
            except Refusal as e:
                out.append((story,id_,line,type(e).__name__,explain(e,"zh")))
                if story in ("PAID","BUDGETED","NOROOM"): print(out[-1])
            except BaseException as e: print("CRASH", id_, line, type(e).__name__, e)
    Path("/tmp/w/out.json").write_text(json.dumps(out,ensure_ascii=False))
