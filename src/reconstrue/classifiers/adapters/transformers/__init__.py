"""Models in transformers' format: image classifiers, CLIP, and the encoder-decoders that write image tokens."""
