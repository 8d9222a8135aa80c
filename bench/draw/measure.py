"""How long does a picture of 300, 1,000 and 5,000 services and streams take, as a new process each?"""
import resource
import statistics
import subprocess
import tempfile
import time

from report import Row, seconds

SIZES = ((300, 0.3), (1000, 1.0), (5000, 2.0))
PEER_LIMIT = 10.0  # seconds for plain dot, which may need minutes
LIMITS = ("20", str(1 << 30), str(64 << 20))  # of edad's child: processor seconds, bytes of memory, bytes of picture


def estate(bench, size, form):
    return subprocess.run([bench.build / "bin" / "bench_estate", str(size), form], check=True, capture_output=True).stdout


def ours(bench, drawing):
    """Seconds of edad's own drawing process; its picture is thrown away."""
    drawing.seek(0)
    with tempfile.TemporaryFile() as picture:
        began = time.perf_counter()
        subprocess.run([bench.build / "bin" / "edad", "--render-child", *LIMITS], stdin=drawing, stdout=picture, check=True,
                       env={"SERVER_NAME": "edad", "LC_ALL": "C.UTF-8"})
        return time.perf_counter() - began


def plain_dot(text):
    """Seconds of dot on the same graph; None when it takes longer than its limit."""
    cap = (int(PEER_LIMIT) + 1,) * 2
    with tempfile.TemporaryFile() as picture:
        began = time.perf_counter()
        try:
            subprocess.run(["dot", "-Tsvg"], input=text, stdout=picture, stderr=subprocess.DEVNULL, timeout=PEER_LIMIT,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, cap), check=False)
        except subprocess.TimeoutExpired:
            return None
        return time.perf_counter() - began


def measure(bench):
    for size, limit in SIZES:
        size = bench.size(size)
        with tempfile.TemporaryFile() as drawing:
            drawing.write(estate(bench, size, "svg"))
            ours(bench, drawing)
            taken = [ours(bench, drawing) for _ in range(bench.runs(5))]
        mine, peer = statistics.median(taken), plain_dot(estate(bench, size, "plain"))
        yield Row("draw", f"a picture of {size} services and streams, {size * 3 // 2} edges, as SVG", seconds(mine),
                  f"{seconds(peer) if peer else f'over {PEER_LIMIT:g} s'} (dot)", f"{mine / (peer or PEER_LIMIT):.2f}x",
                  f"< {limit:g} s", mine < limit, f"median of {len(taken)}", {"ours": taken, "dot": peer, "limit": limit})
