import sys


def main() -> None:
    from stimme.cli import run  # noqa: PLC0415  a command imports only what it needs

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
