"""Turns an object into a process of its own: one request a line on standard input, one answer a line on output.

Request  {"id": 1, "do": "sign", "with": [...], "apart": false}   bytes travel as {"hex": "..."}
Answer   {"id": 1, "ok": value} or {"id": 1, "refused": "CKR_..."} or {"id": 1, "broken": "..."}

With "apart" the request runs on a thread of its own, so that a call that blocks can be overtaken by others.
"""
import json
import sys
import threading

output_lock = threading.Lock()


class Refused(Exception):
    """A call was answered with an error; str() is its name."""


def packed(value):
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def unpacked(value):
    if isinstance(value, dict) and set(value) == {"hex"}:
        return bytes.fromhex(value["hex"])
    if isinstance(value, dict):
        return {key: unpacked(inner) for key, inner in value.items()}
    return value


def answer(**fields):
    with output_lock:
        print(json.dumps(fields), flush=True)


def serve_one(target, request):
    try:
        value = getattr(target, request["do"])(*[unpacked(argument) for argument in request["with"]])
        answer(id=request["id"], ok=packed(value))
    except Refused as refused:
        answer(id=request["id"], refused=str(refused))
    except Exception as error:  # a mistake of the test itself: let it surface there
        answer(id=request["id"], broken=repr(error))


def serve(target):
    """Until the pipe closes. Then the process ends as a careless program does, without any farewell to target."""
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("apart"):
            threading.Thread(target=serve_one, args=(target, request), daemon=True).start()
        else:
            serve_one(target, request)
