"""The public log, format `stimme log v1`: write, read, prove, replay, audit."""
