#!/usr/bin/env python3
"""Crossdock against bare handlers that do the same work and nothing else; both sides in one run.

    cargo build --release -p crossdock --bin crossdock --example bare
    benches/http/run.py [--seconds 4] [--rounds 5]

Needs wrk (apt-get install wrk) and two cores: the server runs on the first, wrk on the second, with 64 connections.
Fastify and better-sqlite3 are measured too when node and npm are there (npm install in a temporary folder).
Rounds are interleaved and the medians compared: absolute figures say nothing about another machine.
"""
import argparse, os, re, shutil, statistics, subprocess, sys, tempfile, time, urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RELEASE = os.path.join(os.environ.get('CARGO_TARGET_DIR', os.path.join(TOP, 'target')), 'release')
PORT = 18480


class Server:
    def __init__(self, name, command, path, key, cwd=None):
        global PORT
        PORT += 1
        self.name, self.url, self.key = name, f'http://127.0.0.1:{PORT}{path}', key
        command = [part.replace('PORT', str(PORT)) for part in command]
        env = {**os.environ, 'CROSSDOCK_RATE_LIMIT': '0', 'RUST_LOG': 'error'}
        self.process = subprocess.Popen(['taskset', '-c', '0'] + command, env=env, cwd=cwd,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + 20
        while True:
            try:
                self.key = key() if callable(key) else key
                request = urllib.request.Request(self.url, headers={'X-API-Key': self.key})
                urllib.request.urlopen(request, timeout=2).read()
                return
            except Exception as error:
                if time.time() > deadline or self.process.poll() is not None:
                    sys.exit(f'{name} did not start: {error}')
                time.sleep(0.1)

    def measure(self, seconds):
        out = subprocess.run(['taskset', '-c', '1', 'wrk', '-t1', '-c64', f'-d{seconds}s', '--latency',
                              '-H', f'X-API-Key: {self.key}', self.url], capture_output=True, text=True).stdout
        if 'Non-2xx' in out:
            sys.exit(f'{self.name} refused requests:\n{out}')
        return float(re.search(r'Requests/sec:\s+([\d.]+)', out)[1]), re.search(r'99%\s+(\S+)', out)[1]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def fastify(folder):
    """Where Fastify and better-sqlite3 are installed; None when they cannot be."""
    if not shutil.which('node') or not shutil.which('npm'):
        return None
    shutil.copy(os.path.join(TOP, 'benches/http/fastify.js'), folder)
    done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', 'fastify@5', 'better-sqlite3@12'], cwd=folder, capture_output=True)
    return folder if done.returncode == 0 else None


def compare(title, servers, goals, seconds, rounds):
    figures = {server.name: [] for server in servers}
    for server in servers:
        server.measure(1)
    for _ in range(rounds):
        for server in servers:
            figures[server.name].append(server.measure(seconds))
    for server in servers:
        server.stop()
    print(title)
    medians = {name: statistics.median(rate for rate, _ in runs) for name, runs in figures.items()}
    for name, runs in figures.items():
        rates = [rate for rate, _ in runs]
        print(f'  {name:<34} {medians[name]:>8.0f} requests/s  ({min(rates):.0f} to {max(rates):.0f})  p99 {runs[-1][1]}')
    ours = medians['crossdock']
    for name, goal in goals.items():
        if name in medians:
            print(f'  crossdock is {ours / medians[name]:.2f} x {name} (goal {goal:.2f})')
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=int, default=4)
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    if not shutil.which('wrk'):
        sys.exit('wrk is missing: apt-get install wrk')
    crossdock, bare = os.path.join(RELEASE, 'crossdock'), os.path.join(RELEASE, 'examples/bare')
    with tempfile.TemporaryDirectory() as folder:
        data, file = os.path.join(folder, 'data'), os.path.join(folder, 'bare.db')
        root_key = lambda: open(os.path.join(data, 'root-api-key')).read().strip()
        serve = [crossdock, 'serve', '--data', data, '--listen', '127.0.0.1:PORT']
        servers = [Server('crossdock', serve, '/v2/users/me', root_key),
                   Server('bare axum + rusqlite', [bare, 'me', 'PORT', file], '/v2/users/me', 'key-7')]
        node = os.path.join(folder, 'node')
        os.mkdir(node)
        if fastify(node):
            servers.append(Server('fastify + better-sqlite3', ['node', 'fastify.js', 'PORT', file], '/v2/users/me', 'key-7', cwd=node))
        else:
            print('left out: fastify (node, npm or the packages are missing)')
        compare('GET /v2/users/me by API key, 64 connections, server on one core', servers,
                {'bare axum + rusqlite': 0.75, 'fastify + better-sqlite3': 1.4}, options.seconds, options.rounds)
        servers = [Server('crossdock', serve, '/v2/users/key/1001', root_key)]
        other = os.path.join(folder, 'other')
        shutil.copytree(data, other)
        servers.append(Server('bare handler, same store', [bare, 'reveal', 'PORT', other], '/v2/users/key/1001', 'none'))
        compare('GET /v2/users/key/{id} with its durable record, 64 connections, server on one core', servers,
                {'bare handler, same store': 0.5}, options.seconds, options.rounds)


main()
