"""Foreign libraries, fitted to this package's contracts; reached only by name, from cards and from model folders."""
