"""Starts each server on a port of the kernel's choice, sends it the trace, and reads it back.

    check.py SERVERS EMIT light|phoenix|mlflow…
"""

import contextlib
import gzip
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

SERVERS, EMIT = Path(sys.argv[1]), sys.argv[2]
QUESTION, ANSWER = "How tall is tower 7?", "It is 88 m tall."
# By the bundled table: 600 tokens at $0.15, 400 cached at $0.075 and 100 out at $0.60 a million.
COST = 0.00018
checks = 0


def check(what, found, expected):
    """One line for each thing that was looked at; the first that is wrong ends the run."""
    global checks
    if found != expected:
        sys.exit(f"FAILED  {what}: expected {expected!r}, found {found!r}")
    checks += 1
    shown = json.dumps(found, ensure_ascii=False)
    print(f"   ok  {what}: {shown if len(shown) <= 90 else shown[:87] + '…'}")


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


@contextlib.contextmanager
def running(command, stdout=subprocess.DEVNULL, **env):
    """A server in a process group of its own, which goes down as a whole."""
    log = tempfile.TemporaryFile()
    output = log if stdout == subprocess.DEVNULL else stdout
    server = subprocess.Popen(
        [str(part) for part in command],
        stdout=output, stderr=log, env={**os.environ, **{k: str(v) for k, v in env.items()}},
        start_new_session=True,
    )
    try:
        yield server
    except BaseException:
        log.seek(0)
        print(log.read().decode(errors="replace")[-2000:], file=sys.stderr)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def until(what, seconds, look):
    """Polls until there is something to see."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.25)
    sys.exit(f"FAILED  {what}: nothing after {seconds} s")


def answers(url):
    def look():
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        return False
    return look


def listens(port):
    def look():
        with socket.socket() as it:
            return it.connect_ex(("127.0.0.1", port)) == 0
    return look


def request(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    outgoing = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(outgoing, timeout=30) as answer:
        return json.load(answer)


def emit(endpoint, dialect=None, **env):
    """Runs the program; its trace id."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith(("AGENTOPS_", "OTEL_"))}
    settings |= {"AGENTOPS_EXPORTER_ENDPOINT": endpoint, "AGENTOPS_CONSOLE": "off"}
    settings |= {"OTEL_METRICS_EXPORTER": "none", **env}
    if dialect:
        settings["AGENTOPS_DIALECT"] = dialect
    done = subprocess.run([EMIT], env=settings, capture_output=True, text=True, timeout=120)
    if done.returncode or done.stderr:
        sys.exit(f"FAILED  emit: {done.returncode} {done.stderr}")
    return done.stdout.strip()


@contextlib.contextmanager
def unpacking(port):
    """Between Rotel, which packs whatever it is told, and oteltap, which cannot unpack."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            kind = {"content-type": self.headers["content-type"]}
            outgoing = urllib.request.Request(f"http://127.0.0.1:{port}{self.path}", body, kind)
            with urllib.request.urlopen(outgoing, timeout=30) as answer:
                self.send_response(answer.status)
                self.send_header("content-length", "0")
                self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


def value(it):
    """An OTLP value as what it holds; integers come as text."""
    ((kind, held),) = it.items()
    if kind == "intValue":
        return int(held)
    if kind == "arrayValue":
        return [value(each) for each in held.get("values", [])]
    return held


class Span:
    def __init__(self, name, attributes, failed):
        self.name, self.attributes, self.failed = name, attributes, failed

    def __getitem__(self, key):
        return self.attributes.get(key)

    def text_of(self, key, place):
        return json.loads(self[key])[place]["parts"][0]["content"]


def read_tap(path, trace, count):
    def look():
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]
        spans = [it for it in lines if it.get("traceId") == trace]
        return spans if len(spans) == count else None
    spans = until(f"{count} spans of {trace}", 30, look)
    return {
        it["attributes_"]["operation.name"]: Span(
            it["name"], it["attributes_"], it["status"].get("code") == 2
        )
        for it in (
            {**span, "attributes_": {a["key"]: value(a["value"]) for a in span["attributes"]}}
            for span in spans
        )
    }


# How each dialect's readers see a span: kinds of the four, then model, tokens, cost, input and output.
EYES = {
    "otel": {
        "kind": lambda it: it["gen_ai.operation.name"],
        "kinds": ["invoke_workflow", "invoke_agent", "execute_tool", "chat"],
        "model": lambda it: it["gen_ai.request.model"],
        "tokens": lambda it: [it["gen_ai.usage.input_tokens"], it["gen_ai.usage.output_tokens"]],
        "cost": lambda it: it["agentops.usage.cost_usd"],
        "input": lambda it: it.text_of("gen_ai.input.messages", 0),
        "output": lambda it: it.text_of("gen_ai.output.messages", 0),
        "tool": lambda it: [it["gen_ai.tool.call.arguments"], it["gen_ai.tool.call.result"]],
        "tools": ['{"tower":7}', '{"metres":88}'],
    },
    "agentops": {
        "kind": lambda it: it["agentops.span.kind"],
        "kinds": ["session", "agent", "tool", "llm"],
        "model": lambda it: it["gen_ai.request.model"],
        "tokens": lambda it: [
            it["gen_ai.usage.prompt_tokens"], it["gen_ai.usage.completion_tokens"]
        ],
        "cost": lambda it: it["gen_ai.usage.total_cost"],
        "input": lambda it: it["gen_ai.prompt.1.content"],
        "output": lambda it: it["gen_ai.completion.0.content"],
        "tool": lambda it: [it["tool.parameters"], it["tool.result"]],
        "tools": ['{"tower":7}', '{"metres": 88}'],
    },
    "openinference": {
        "kind": lambda it: it["openinference.span.kind"],
        "kinds": ["CHAIN", "AGENT", "TOOL", "LLM"],
        "model": lambda it: it["llm.model_name"],
        "tokens": lambda it: [it["llm.token_count.prompt"], it["llm.token_count.completion"]],
        "cost": lambda it: it["llm.cost.total"],
        "input": lambda it: it["llm.input_messages.1.message.content"],
        "output": lambda it: it["llm.output_messages.0.message.content"],
        "tool": lambda it: [it["input.value"], it["output.value"]],
        "tools": ['{"tower":7}', '{"metres":88}'],
    },
}


# What is written by default, and all of OpenInference.
DEFAULT_AND_WHOLE = {"otel": "otel,openinference-min", "openinference": "otel,openinference"}


def look_with(dialect, spans, where):
    eyes, call = EYES[dialect], spans["complete"]
    kinds = [eyes["kind"](spans[name]) for name in ("interop", "surveyor", "lookup", "complete")]
    check(f"{where}, as {dialect}: kinds", kinds, eyes["kinds"])
    check(f"{where}, as {dialect}: model", eyes["model"](call), "gpt-4o-mini")
    check(f"{where}, as {dialect}: tokens", eyes["tokens"](call), [1000, 100])
    check(f"{where}, as {dialect}: cost", eyes["cost"](call), COST)
    check(f"{where}, as {dialect}: input", eyes["input"](call), QUESTION)
    check(f"{where}, as {dialect}: output", eyes["output"](call), ANSWER)
    check(f"{where}, as {dialect}: tool", eyes["tool"](spans["lookup"]), eyes["tools"])
    failed = sorted(name for name, span in spans.items() if span.failed)
    check(f"{where}, as {dialect}: failed", failed, ["broken"])


def light():
    binaries = SERVERS / "light"
    rotel = next(binaries.glob("lib/python*/site-packages/rotel/rotel-agent"))
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "spans.ndjson"
        with seen.open("w") as out, running(
            [binaries / "bin" / "oteltap", "--port", port], stdout=out, PYTHONUNBUFFERED=1
        ):
            until("oteltap", 30, listens(port))
            for dialect in EYES:
                trace = emit(f"http://127.0.0.1:{port}", dialect)
                look_with(dialect, read_tap(seen, trace, 5), "oteltap")
            entry, grpc = free_port(), free_port()
            with unpacking(port) as target, running([
                rotel, "start", "--otlp-grpc-endpoint", f"127.0.0.1:{grpc}",
                "--otlp-http-endpoint", f"127.0.0.1:{entry}", "--exporter", "otlp",
                "--otlp-exporter-endpoint", f"http://127.0.0.1:{target}",
                "--otlp-exporter-protocol", "http",
            ]):
                until("Rotel", 30, listens(entry))
                trace = emit(f"http://127.0.0.1:{entry}", "otel,agentops,openinference")
                spans = read_tap(seen, trace, 5)
                for dialect in EYES:
                    look_with(dialect, spans, "Rotel → oteltap")


def phoenix():
    port, grpc = free_port(), free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, running(
        [SERVERS / "phoenix" / "bin" / "phoenix", "serve"],
        PHOENIX_WORKING_DIR=folder, PHOENIX_HOST="127.0.0.1", PHOENIX_PORT=port,
        PHOENIX_GRPC_PORT=grpc, PHOENIX_TELEMETRY_ENABLED="false",
        PHOENIX_ALLOW_EXTERNAL_RESOURCES="false",
    ):
        until("Phoenix", 300, answers(f"{base}/healthz"))
        for dialect, names in DEFAULT_AND_WHOLE.items():
            project = f"interop-{dialect}"
            resource = f"openinference.project.name={project}"
            trace = emit(base, names, OTEL_RESOURCE_ATTRIBUTES=resource)
            where = f"Phoenix ({dialect})"

            def look(project=project):
                with contextlib.suppress(urllib.error.HTTPError):
                    spans = request(f"{base}/v1/projects/{project}/spans?limit=200")["data"]
                    return spans if len(spans) == 5 else None
            spans = until(where, 60, look)
            by = {it["attributes"]["operation.name"]: it for it in spans}
            call = by["complete"]["attributes"]
            kinds = [by[name]["span_kind"] for name in ("interop", "surveyor", "lookup", "complete")]
            check(f"{where}: kinds", kinds, ["CHAIN", "AGENT", "TOOL", "LLM"])
            check(f"{where}: model", call["llm.model_name"], "gpt-4o-mini")
            tokens = [call["llm.token_count.prompt"], call["llm.token_count.completion"]]
            check(f"{where}: tokens", tokens, [1000, 100])
            check(f"{where}: status", by["broken"]["status_code"], "ERROR")

            query = """query($id: ID!) { node(id: $id) { ... on Project {
                costSummary { total { cost } } sessions(first: 5) { edges { node { sessionId } } }
                spans(first: 50) { edges { node { name input { value } output { value } } } } } } }"""
            projects = request(f"{base}/v1/projects")["data"]
            node = next(it["id"] for it in projects if it["name"] == project)

            def priced(node=node):
                body = {"query": query, "variables": {"id": node}}
                found = request(f"{base}/graphql", body)["data"]["node"]
                return found if found["costSummary"]["total"]["cost"] else None
            seen = until(f"{where}: cost", 60, priced)
            # Its own table, by the model and the tokens that it read.
            check(f"{where}: cost", round(seen["costSummary"]["total"]["cost"], 8), COST)
            sessions = [it["node"]["sessionId"] for it in seen["sessions"]["edges"]]
            check(f"{where}: session", sessions, [trace])
            columns = {it["node"]["name"]: it["node"] for it in seen["spans"]["edges"]}
            call = columns["chat gpt-4o-mini"]
            check(f"{where}: output", call["output"]["value"], ANSWER)
            check(f"{where}: input", QUESTION in call["input"]["value"], True)
            tool = columns["execute_tool lookup"]
            check(f"{where}: tool", tool["input"]["value"], '{"tower":7}')


def mlflow():
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, running(
        [SERVERS / "mlflow" / "bin" / "mlflow", "server", "--host", "127.0.0.1", "--port", port,
         "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/m.db",
         "--artifacts-destination", f"{folder}/art"],
        MLFLOW_DISABLE_TELEMETRY="true",
        PATH=f"{SERVERS / 'mlflow' / 'bin'}:{os.environ['PATH']}",
    ):
        until("MLflow", 300, answers(f"{base}/health"))
        for dialect, names in DEFAULT_AND_WHOLE.items():
            where = f"MLflow ({dialect})"
            # Headers go to the endpoint that this variable names alone.
            headers = {"OTEL_EXPORTER_OTLP_HEADERS": "x-mlflow-experiment-id=0"}
            trace = emit(base, names, OTEL_EXPORTER_OTLP_ENDPOINT=base, **headers)

            def look(trace=trace):
                with contextlib.suppress(urllib.error.HTTPError):
                    query = f"trace_id=tr-{trace}&allow_partial=true"
                    found = request(f"{base}/api/3.0/mlflow/traces/get?{query}")
                    spans = found["trace"].get("spans", [])
                    return found["trace"] if len(spans) == 5 else None
            found = until(where, 60, look)
            by = {}
            for span in found["spans"]:
                attributes = span["attributes"]
                if isinstance(attributes, list):
                    attributes = {it["key"]: mlflow_value(it["value"]) for it in attributes}
                by[plain(attributes["operation.name"])] = attributes
            kinds = [
                plain(by[name].get("mlflow.spanType"))
                for name in ("interop", "surveyor", "lookup", "complete")
            ]
            model = ["CHAIN", "AGENT", "TOOL", "LLM" if dialect == "openinference" else "CHAT_MODEL"]
            check(f"{where}: kinds", kinds, model)
            usage = plain(by["complete"]["mlflow.chat.tokenUsage"])
            check(f"{where}: tokens", [usage["input_tokens"], usage["output_tokens"]], [1000, 100])
            check(f"{where}: output", plain(by["complete"]["mlflow.spanOutputs"]), ANSWER)
            check(f"{where}: tool", plain(by["lookup"]["mlflow.spanInputs"]), {"tower": 7})


def mlflow_value(it):
    """An OTLP value in the names of the protocol itself."""
    ((kind, held),) = it.items()
    if kind == "kvlist_value":
        return {each["key"]: mlflow_value(each["value"]) for each in held["values"]}
    if kind == "array_value":
        return [mlflow_value(each) for each in held["values"]]
    return held


def plain(held):
    """What it keeps as JSON in a string, perhaps twice."""
    for _ in range(2):
        if isinstance(held, str):
            with contextlib.suppress(json.JSONDecodeError):
                held = json.loads(held)
    return held


for server in sys.argv[3:]:
    print(f"== {server}")
    {"light": light, "phoenix": phoenix, "mlflow": mlflow}[server]()
print(f"{checks} passed, 0 failed")
