"""p11_worker.py MODULE: a process of its own around p11.Module, spoken to as rpc.py says."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import p11  # noqa: E402
import rpc  # noqa: E402

if __name__ == "__main__":
    rpc.serve(p11.Module(sys.argv[1]))
