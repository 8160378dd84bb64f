"""The pocket world: 16 drawn shapes × 16 procedural textures."""
