import subprocess
import sys


def test_the_service_imports_transformers_only_for_checkpoints():
    """It takes half a second, and the embedded model does not need it."""
    code = "import sys, service.app; sys.exit('transformers' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
