"""`python -m epochsearch` is the same as `epochsearch`."""

from epochsearch.cli.app import main

if __name__ == "__main__":
    main()
