"""Small trained models that ship in the package, saved as public models of their kind are saved."""
