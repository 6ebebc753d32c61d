"""``python -m service.cli``, for when the package is not installed."""

from service.cli.main import main

if __name__ == "__main__":
    main(prog_name="enrich")
